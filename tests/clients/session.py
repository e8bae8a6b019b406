"""A session with the official Python client: what a program of a learner's would do. Prints a line a step."""
from kubernetes import client, config, stream, watch

config.load_kube_config()
core, rbac, auth = client.CoreV1Api(), client.RbacAuthorizationV1Api(), client.AuthenticationV1Api()
space = "default"

account = core.create_namespaced_service_account(space, {"metadata": {"name": "robot"}})
assert account.metadata.uid, account
listed = core.list_namespaced_service_account(space, limit=1)
assert len(listed.items) == 1 and listed.metadata._continue, listed.metadata
names = [item.metadata.name for item in core.list_namespaced_service_account(space).items]
assert names == ["default", "robot"], names
print("created and listed")

account = core.patch_namespaced_service_account("robot", space, {"automountServiceAccountToken": False})
assert account.automount_service_account_token is False
account.metadata.labels = {"team": "blue"}
account = core.replace_namespaced_service_account("robot", space, account)
account.metadata.resource_version = "1"
try:
    core.replace_namespaced_service_account("robot", space, account)
    raise SystemExit("an old version was taken")
except client.ApiException as refused:
    assert refused.status == 409, refused
print("patched and replaced")

rbac.create_namespaced_role(space, {"metadata": {"name": "reader"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]})
rbac.create_namespaced_role_binding(space, {
    "metadata": {"name": "reads"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
    "subjects": [{"kind": "ServiceAccount", "name": "robot", "namespace": space}],
})
review = client.AuthorizationV1Api().create_subject_access_review({"spec": {
    "user": f"system:serviceaccount:{space}:robot",
    "resourceAttributes": {"namespace": space, "verb": "get", "resource": "pods"},
}})
assert review.status.allowed, review.status
print("allowed")

follower = watch.Watch()
core.create_namespaced_pod(space, {
    "metadata": {"name": "probe"},
    "spec": {"serviceAccountName": "robot", "automountServiceAccountToken": True, "containers": [{"name": "app", "image": "my-kubernetes-dashboard"}]},
})
for event in follower.stream(core.list_namespaced_pod, space, timeout_seconds=60):
    if event["object"].status.phase == "Running":
        follower.stop()
        break
else:
    raise SystemExit("the pod did not run")
print("watched")

said = stream.stream(
    core.connect_get_namespaced_pod_exec, "probe", space,
    command=["cat", "/var/run/secrets/kubernetes.io/serviceaccount/namespace"], stdout=True, stderr=True, stdin=False, tty=False,
)
assert said == space, said
print("executed")

answer = core.create_namespaced_service_account_token("robot", space, client.AuthenticationV1TokenRequest(
    spec=client.V1TokenRequestSpec(audiences=["vault"], expiration_seconds=600)))
assert answer.status.token.count(".") == 2
for audiences, accepted in (["vault"], True), (["other"], None):
    review = auth.create_token_review({"spec": {"token": answer.status.token, "audiences": audiences}})
    assert review.status.authenticated == accepted, review.status
print("token requested and reviewed")

core.delete_namespaced_pod("probe", space, grace_period_seconds=0)
core.delete_namespaced_service_account("robot", space)
try:
    core.read_namespaced_service_account("robot", space)
    raise SystemExit("it is still there")
except client.ApiException as refused:
    assert refused.status == 404, refused
print("deleted")
