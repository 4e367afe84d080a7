import { HalabError } from '../errors.ts'

/** Why a request failed, in the words of the evidence log. `http`: an answer came, and it was an error. */
export type FailureReason = 'timeout' | 'refused' | 'reset' | 'unreachable' | 'tls' | 'http'

/** The API server answered with an error status. */
export class KubeApiError extends HalabError {
  /** HTTP status, e.g. 409. */
  readonly status: number
  /** Kubernetes' machine-readable reason, e.g. `NotFound`, `Conflict`, `Expired`; empty when it gave none. */
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super('kube-api', message)
    this.status = status
    this.reason = reason
  }
}

/** No usable answer came. */
export class KubeNetworkError extends HalabError {
  readonly reason: FailureReason

  constructor(reason: FailureReason, request: string, cause?: unknown) {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    super('kube-network', `${request}: ${reason}${why}`, { cause })
    this.reason = reason
  }
}

/** With `status`, only errors of that HTTP status. */
export function isKubeApiError(error: unknown, status?: number): error is KubeApiError {
  return error instanceof KubeApiError && (status === undefined || error.status === status)
}

const REASONS: Readonly<Record<string, FailureReason>> = {
  ECONNREFUSED: 'refused',
  // A Unix socket whose file is gone: nobody listens there any more.
  ENOENT: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  UND_ERR_SOCKET: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  EPROTO: 'tls',
}
/** OpenSSL's verification results and Node's own TLS codes. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH)/

/** Classifies any error that a request may end with; what is not known counts as a broken connection. */
export function failureReason(error: unknown): FailureReason {
  if (error instanceof KubeApiError) return 'http'
  if (error instanceof KubeNetworkError) return error.reason
  if (!(error instanceof Error)) return 'reset'
  if (error.name === 'TimeoutError') return 'timeout'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (TLS_CODE.test(code)) return 'tls'
  const known = REASONS[code]
  if (known) return known
  return error.cause === undefined ? 'reset' : failureReason(error.cause)
}
