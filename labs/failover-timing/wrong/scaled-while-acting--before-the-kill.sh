# task: work-resumes
# Scales first: the Pods are there before anybody is killed.
kubectl rollout status deployment/web --timeout=60s
kubectl scale deployment web --replicas=4
kubectl rollout status deployment/web --timeout=60s
leader=$(kubectl -n kube-system get lease kube-controller-manager -o jsonpath='{.spec.holderIdentity}')
lab kill "${leader%_*}/kube-controller-manager"
until now=$(kubectl -n kube-system get lease kube-controller-manager -o jsonpath='{.spec.holderIdentity}') && [ "$now" != "$leader" ]; do
  sleep 0.5
done
