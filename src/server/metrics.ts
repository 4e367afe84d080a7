/** Numbers for Prometheus; names only, nothing of what anybody does. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  /** Seconds by method, route pattern and status. */
  readonly requests: Histogram<'method' | 'route' | 'status'>
  /** Refusals by code: what an attack, or a broken set-up, looks like. */
  readonly refusals: Counter<'code'>
  /** Open WebSockets by kind. */
  readonly sockets: Gauge<'kind'>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'halab_' })
  const registers = [registry]
  return {
    registry,
    requests: new Histogram({
      name: 'halab_request_seconds',
      help: 'Time to answer a request',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.01, 0.05, 0.25, 1, 5],
      registers,
    }),
    refusals: new Counter({
      name: 'halab_refusals_total',
      help: 'Requests and upgrades refused',
      labelNames: ['code'],
      registers,
    }),
    sockets: new Gauge({
      name: 'halab_sockets',
      help: 'Open WebSockets',
      labelNames: ['kind'],
      registers,
    }),
  }
}
