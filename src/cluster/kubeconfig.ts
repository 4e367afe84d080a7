import type { PemPair } from './certificates.ts'
import { CLUSTER_NAME } from './facts.ts'
import { yamlOf } from './yaml.ts'

/** A user of a kubeconfig: the certificate itself, or the file on the node that holds both halves. */
export type Credentials = PemPair | { readonly file: string }

/** As kubeadm writes it. `server` is `https://HOST:PORT`, `user` the certificate's common name. */
export function kubeconfig(
  server: string,
  caCert: string,
  user: string,
  credentials: Credentials,
): string {
  const context = `${user}@${CLUSTER_NAME}`
  return yamlOf({
    apiVersion: 'v1',
    clusters: [
      { cluster: { 'certificate-authority-data': base64(caCert), server }, name: CLUSTER_NAME },
    ],
    contexts: [{ context: { cluster: CLUSTER_NAME, user }, name: context }],
    'current-context': context,
    kind: 'Config',
    preferences: {},
    users: [{ name: user, user: userEntry(credentials) }],
  })
}

function userEntry(credentials: Credentials): Record<string, string> {
  if ('file' in credentials) {
    return { 'client-certificate': credentials.file, 'client-key': credentials.file }
  }
  return {
    'client-certificate-data': base64(credentials.cert),
    'client-key-data': base64(credentials.key),
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
