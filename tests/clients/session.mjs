// A session with the official JavaScript client: what a program of a learner's would do. Prints a line a step.
// usage: node session.mjs FOLDER    (where the client is installed)
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";

const resolved = createRequire(process.argv[2] + "/").resolve("@kubernetes/client-node");
const k8s = await import(pathToFileURL(resolved));

const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const namespace = "default";

const account = await core.createNamespacedServiceAccount({ namespace, body: { metadata: { name: "robot" } } });
assert.ok(account.metadata.uid);
const list = await core.listNamespacedServiceAccount({ namespace });
assert.deepEqual(list.items.map((item) => item.metadata.name), ["default", "robot"]);
console.log("created and listed");

const patched = await core.patchNamespacedServiceAccount({
  name: "robot", namespace, body: [{ op: "add", path: "/automountServiceAccountToken", value: false }],
});
assert.equal(patched.automountServiceAccountToken, false);
patched.metadata.resourceVersion = "1";
await assert.rejects(core.replaceNamespacedServiceAccount({ name: "robot", namespace, body: patched }), { code: 409 });
console.log("patched");

const review = await config.makeApiClient(k8s.AuthorizationV1Api).createSelfSubjectAccessReview({
  body: { spec: { resourceAttributes: { namespace, verb: "create", resource: "serviceaccounts", subresource: "token" } } },
});
assert.equal(review.status.allowed, true);
console.log("allowed");

const running = new Promise((resolve, reject) => {
  new k8s.Watch(config).watch(`/api/v1/namespaces/${namespace}/pods`, { timeoutSeconds: 60 }, (type, pod) => {
    if (pod.status?.phase === "Running") resolve();
  }, (failed) => reject(failed ?? new Error("the watch ended")));
});
await core.createNamespacedPod({ namespace, body: {
  metadata: { name: "probe" },
  spec: { serviceAccountName: "robot", automountServiceAccountToken: true, containers: [{ name: "app", image: "my-kubernetes-dashboard" }] },
} });
await running;
console.log("watched");

let said = "";
const out = new Writable({ write(chunk, _, done) { said += chunk; done(); } });
const path = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
const status = await new Promise((resolve, reject) =>
  new k8s.Exec(config).exec(namespace, "probe", "app", ["cat", path], out, out, null, false, resolve).catch(reject));
assert.equal(status.status, "Success");
assert.equal(said, namespace);
console.log("executed");

const answer = await core.createNamespacedServiceAccountToken({
  name: "robot", namespace, body: { spec: { audiences: ["vault"], expirationSeconds: 600 } },
});
const reviews = config.makeApiClient(k8s.AuthenticationV1Api);
for (const [audience, accepted] of [["vault", true], ["other", undefined]]) {
  const body = { spec: { token: answer.status.token, audiences: [audience] } };
  assert.equal((await reviews.createTokenReview({ body })).status.authenticated, accepted);
}
console.log("token requested and reviewed");

await core.deleteNamespacedPod({ name: "probe", namespace, gracePeriodSeconds: 0 });
await core.deleteNamespacedServiceAccount({ name: "robot", namespace });
await assert.rejects(core.readNamespacedServiceAccount({ name: "robot", namespace }), { code: 404 });
console.log("deleted");
process.exit(0);
