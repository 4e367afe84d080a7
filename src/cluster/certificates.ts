/** Certificates by ECDSA P-256: an authority, and leaves signed by it. */
import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { BACKDATE_MINUTES, CA_DAYS, LEAF_DAYS } from './facts.ts'

/** Both PEM; the key is PKCS #8. */
export interface PemPair {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  readonly pem: PemPair
  issue(leaf: Leaf): Promise<PemPair>
}

interface Leaf {
  readonly commonName: string
  readonly organization?: string
  readonly usages: readonly ('server' | 'client')[]
  readonly names?: readonly string[]
  readonly addresses?: readonly string[]
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const { keyCertSign, cRLSign, digitalSignature, keyEncipherment } = x509.KeyUsageFlags
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await generateKeys()
  const [keyId, issuerId] = await Promise.all([
    x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
  ])
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    ...validity(CA_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(keyCertSign | cRLSign | digitalSignature | keyEncipherment, true),
      keyId,
    ],
  })
  const pem = { cert: certificatePem(cert), key: await privateKeyPem(keys) }
  const issuer = { subject: cert.subjectName, key: keys.privateKey, id: issuerId }
  return { pem, issue: (leaf) => issue(issuer, leaf) }
}

interface Issuer {
  readonly subject: x509.Name
  readonly key: CryptoKey
  readonly id: x509.AuthorityKeyIdentifierExtension
}

async function issue(issuer: Issuer, leaf: Leaf): Promise<PemPair> {
  const keys = await generateKeys()
  const [cert, key] = await Promise.all([
    x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: subjectOf(leaf),
      issuer: issuer.subject.toJSON(),
      ...validity(LEAF_DAYS),
      signingAlgorithm: ALGORITHM,
      signingKey: issuer.key,
      publicKey: keys.publicKey,
      extensions: [...leafExtensions(leaf), issuer.id],
    }),
    privateKeyPem(keys),
  ])
  return { cert: certificatePem(cert), key }
}

function subjectOf({ commonName, organization }: Leaf): x509.JsonName {
  return [...(organization ? [{ O: [organization] }] : []), { CN: [commonName] }]
}

function leafExtensions({ usages, names = [], addresses = [] }: Leaf): x509.Extension[] {
  const alternatives: x509.JsonGeneralNames = [
    ...names.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ]
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension(
      usages.map(
        (usage) => x509.ExtendedKeyUsage[usage === 'server' ? 'serverAuth' : 'clientAuth'],
      ),
    ),
    ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
  ]
}

/** The pair that service-account tokens are signed and checked with. */
export async function createTokenKeys(): Promise<{ publicKey: string; privateKey: string }> {
  const keys = await generateKeys()
  const [publicKey, privateKey] = await Promise.all([
    crypto.subtle.exportKey('spki', keys.publicKey),
    privateKeyPem(keys),
  ])
  return { publicKey: pem('PUBLIC KEY', publicKey), privateKey }
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return {
    notBefore: new Date(now - BACKDATE_MINUTES * MINUTE_MS),
    notAfter: new Date(now + days * DAY_MS),
  }
}

/** 63 random bits: positive, and unique without a counter to keep. */
function serialNumber(): string {
  const bytes = randomBytes(8)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

function certificatePem(cert: x509.X509Certificate): string {
  return pem('CERTIFICATE', cert.rawData)
}

async function privateKeyPem({ privateKey }: CryptoKeyPair): Promise<string> {
  return pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', privateKey))
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
