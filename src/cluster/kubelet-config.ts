import { CLUSTER_DNS_ADDRESS, CLUSTER_DOMAIN, MANIFESTS, PKI, PORTS } from './facts.ts'
import { yamlOf } from './yaml.ts'

/**
 * What kubeadm writes to /var/lib/kubelet/config.yaml, less what speaks of a container runtime and
 * cgroups: this kubelet has neither. Certificates are not rotated; they outlive the lab.
 */
export function kubeletConfig(): string {
  return yamlOf({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${PKI}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    clusterDNS: [CLUSTER_DNS_ADDRESS],
    clusterDomain: CLUSTER_DOMAIN,
    healthzBindAddress: '127.0.0.1',
    healthzPort: PORTS.kubeletHealth,
    kind: 'KubeletConfiguration',
    nodeLeaseDurationSeconds: 40,
    nodeStatusUpdateFrequency: '10s',
    port: PORTS.kubelet,
    rotateCertificates: false,
    staticPodPath: MANIFESTS,
  })
}
