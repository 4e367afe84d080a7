# task: move-the-lease
before=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.metadata.uid}')
kubectl -n kube-system delete lease kube-scheduler
until now=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.metadata.uid}') && [ "$now" != "$before" ]; do
  sleep 0.5
done
