# task: use-kubectl
kubectl -n kube-public create configmap first-steps --from-literal=from=workstation
