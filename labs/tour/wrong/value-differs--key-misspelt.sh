# task: use-kubectl
kubectl create configmap first-steps --from-literal=form=workstation
