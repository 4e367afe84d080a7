/** A TLS server with a certificate of its own, for tests of what speaks to an API server. */
import 'reflect-metadata'
import {
  X509CertificateGenerator,
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'
import { createServer } from 'node:https'
import type { RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface SelfSigned {
  readonly cert: string
  readonly key: string
}

/** A certificate that is its own CA, for 127.0.0.1 and localhost. */
export async function selfSigned(): Promise<SelfSigned> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    serialNumber: '01',
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = pkcs8.toString('base64').replace(/(.{64})/g, '$1\n')
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  }
}

export interface TlsServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** How many connections were ever made. */
  readonly connections: () => number
  readonly sockets: ReadonlySet<Socket>
}

/** Listens on 127.0.0.1, or on `socketPath`. */
export async function startTlsServer(
  identity: SelfSigned,
  listener: RequestListener,
  socketPath?: string,
): Promise<TlsServer> {
  const server = createServer(identity, listener)
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => {
    if (socketPath) server.listen(socketPath, resolve)
    else server.listen(0, '127.0.0.1', resolve)
  })
  const port = socketPath ? 6443 : (server.address() as AddressInfo).port
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
