/** HAProxy before the API servers, and keepalived where two balancers share the endpoint's address. */
import type { NodeSummary, Topology } from '../wire/lab.ts'
import { ENDPOINT, PORTS } from './facts.ts'
import { ofRole } from './layout.ts'

export const HAPROXY_SOCKET = '/var/lib/haproxy/admin.sock'

/**
 * TCP forwarding with a health check of each server's /readyz. Sessions of a server that is marked
 * down are ended, so that watches on a frozen server do not hang for the client's 45 s.
 */
export function haproxyConfig(topology: Topology): string {
  const servers = ofRole(topology, 'control-plane').map(
    ({ name, address }) => `    server ${name} ${address}:${PORTS.api}`,
  )
  return `global
    maxconn 4096
    log stdout format raw local0 info
    stats socket ${HAPROXY_SOCKET} mode 660 level admin
    stats timeout 30s

defaults
    mode tcp
    log global
    option dontlognull
    # A refused connection is tried once more, at once and at another server: with the default of
    # three retries at the same one a client would wait seconds for its refusal.
    retries 1
    option redispatch 1
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    timeout check 2s

frontend kube-apiserver
    bind ${bindAddress(topology)}:${PORTS.api}
    default_backend kube-apiservers

backend kube-apiservers
    balance roundrobin
    option httpchk GET /readyz
    http-check expect status 200
    default-server check check-ssl verify none inter 500ms fastinter 250ms downinter 250ms fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join('\n')}
`
}

/**
 * A floating address may be away when HAProxy starts and come later; a wildcard needs neither it nor
 * `transparent`, and lets each balancer be asked by its own address.
 */
function bindAddress({ balancers }: Topology): string {
  return balancers === 1 ? ENDPOINT.address : '*'
}

/**
 * VRRP by unicast, not multicast: a partition between the two balancers drops what goes from one
 * address to the other, and must cut the advertisements as well.
 */
export function keepalivedConfig(node: NodeSummary, topology: Topology): string {
  const balancers = ofRole(topology, 'load-balancer')
  const first = node.name === balancers[0]?.name
  const peers = balancers.filter((one) => one.name !== node.name)
  return `global_defs {
    router_id ${node.name}
    enable_script_security
    script_user root
    vrrp_skip_check_adv_addr
}

vrrp_script check_apiserver {
    script "${CHECK_SCRIPT}"
    interval 1
    timeout 2
    fall 2
    rise 1
    weight -5
}

vrrp_instance api {
    state ${first ? 'MASTER' : 'BACKUP'}
    interface eth0
    virtual_router_id 51
    priority ${first ? 101 : 100}
    advert_int 1
    unicast_src_ip ${node.address}
    unicast_peer {
${peers.map(({ address }) => `        ${address}`).join('\n')}
    }
    virtual_ipaddress {
        ${ENDPOINT.address}/24
    }
    track_script {
        check_apiserver
    }
}
`
}

/** The balancer whose HAProxy cannot reach any API server gives the address away. */
export const CHECK_SCRIPT = '/etc/keepalived/check_apiserver.sh'
export const CHECK_SCRIPT_CONTENT = `#!/bin/sh
exec curl -sfk --max-time 1 -o /dev/null https://127.0.0.1:${PORTS.api}/livez
`
