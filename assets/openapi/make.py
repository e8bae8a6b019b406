#!/usr/bin/env python3
"""Makes definitions.json.z: what the API's types look like in each release, for /openapi.

The source is the Kubernetes OpenAPI definitions of every release (Apache License 2.0), as the Python package
kubernetes-validate carries them; nothing of that package runs.

    pip download --no-deps -d packages kubernetes-validate==1.37.0 kubernetes-validate==1.24.1
    python3 assets/openapi/make.py packages assets/openapi/definitions.json.z

What comes out is `{name: [[first release, last release, schema], …]}`, compressed by zlib: a schema that stayed the
same is there once. Taken back is what the package's JSON schema conversion changed (nullable types, fixed `kind`s,
quantities); added are the enumerations, which servers show since 1.24 and the published definitions leave out.
"""

import glob
import json
import sys
import tarfile
import zipfile
import zlib

META = "io.k8s.apimachinery.pkg.apis.meta.v1."
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"

# What the simulator serves; all that these mention comes along.
SERVED = {
    "core.v1": "Namespace ServiceAccount Secret ConfigMap Pod Event Node Binding",
    "apps.v1": "Deployment ReplicaSet",
    "rbac.v1": "Role ClusterRole RoleBinding ClusterRoleBinding",
    "autoscaling.v1": "Scale",
    "policy.v1": "Eviction",
    "authentication.v1": "TokenRequest TokenReview SelfSubjectReview",
    "authentication.v1beta1": "SelfSubjectReview",
    "authorization.v1": "SubjectAccessReview SelfSubjectAccessReview LocalSubjectAccessReview SelfSubjectRulesReview",
}
MACHINERY = [META + kind for kind in
             "APIGroup APIGroupList APIResourceList APIVersions DeleteOptions Patch Status WatchEvent".split()]
MACHINERY += ["io.k8s.apimachinery.pkg.version.Info"]

# The two types whose own definition the conversion replaced.
REPLACED = {
    QUANTITY: {
        "description": "Quantity is a fixed-point representation of a number. It provides convenient marshaling/unmarshaling "
                       "in JSON and YAML, in addition to String() and AsInt64() accessors.\n\nThe serialization format is:\n\n"
                       "``` <quantity>        ::= <signedNumber><suffix>\n\n\t(Note that <suffix> may be empty, from the \"\" case "
                       "in <decimalSI>.)\n\n<digit>           ::= 0 | 1 | ... | 9 <digits>          ::= <digit> | <digit><digits> "
                       "<number>          ::= <digits> | <digits>.<digits> | <digits>. | .<digits> <sign>            ::= \"+\" | \"-\" "
                       "<signedNumber>    ::= <number> | <sign><number> <suffix>          ::= <binarySI> | <decimalExponent> | "
                       "<decimalSI> <binarySI>        ::= Ki | Mi | Gi | Ti | Pi | Ei\n\n\t(International System of units; See: "
                       "http://physics.nist.gov/cuu/Units/binary.html)\n\n<decimalSI>       ::= m | \"\" | k | M | G | T | P | E\n\n\t"
                       "(Note that 1024 = 1Ki but 1000 = 1k; I didn't choose the capitalization.)\n\n<decimalExponent> ::= \"e\" "
                       "<signedNumber> | \"E\" <signedNumber> ```\n\nNo matter which of the three exponent forms is used, no quantity "
                       "may represent a number greater than 2^63-1 in magnitude, nor may it have more than 3 decimal places. "
                       "Numbers larger or more precise will be capped or rounded up. (E.g.: 0.1m will rounded up to 1m.) This may "
                       "be extended in the future if we require larger or smaller quantities.\n\nWhen a Quantity is parsed from a "
                       "string, it will remember the type of suffix it had, and will use the same type again when it is "
                       "serialized.\n\nBefore serializing, Quantity will be put in \"canonical form\". This means that "
                       "Exponent/suffix will be adjusted up or down (with a corresponding increase or decrease in Mantissa) such "
                       "that:\n\n- No precision is lost - No fractional digits will be emitted - The exponent (or suffix) is as "
                       "large as possible.\n\nThe sign will be omitted unless the number is negative.\n\nExamples:\n\n- 1.5 will be "
                       "serialized as \"1500m\" - 1.5Gi will be serialized as \"1536Mi\"\n\nNote that the quantity will NEVER be "
                       "internally represented by a floating point number. That is the whole point of this exercise.\n\n"
                       "Non-canonical values will still parse as long as they are well formed, but will be re-emitted in their "
                       "canonical form. (So always use canonical form, or don't diff.)\n\nThis format is intended to make it "
                       "difficult to use these numbers without writing some sort of special handling code in the hopes that that "
                       "will cause implementors to also use a fixed point implementation.",
        "type": "string",
    },
    INT_OR_STRING: {
        "description": "IntOrString is a type that can hold an int32 or a string.  When used in JSON or YAML marshalling and "
                       "unmarshalling, it produces or consumes the inner type.  This allows you to have, for example, a JSON field "
                       "that can accept a name or number.",
        "format": "int-or-string",
        "type": "string",
    },
}

ENUM_HEADER = "Possible enum values:"
# Servers show enumerations from this release on.
ENUMS_FROM = 24


def read(folder):
    """The definitions of each release."""
    found = {}
    newer, = glob.glob(folder + "/kubernetes_validate-1.37.0-*.whl")
    with zipfile.ZipFile(newer) as package:
        for name in package.namelist():
            if name.endswith("-local/_definitions.json"):
                found[int(name.split("/")[-2].split(".")[1])] = json.loads(package.read(name))["$defs"]
    older, = glob.glob(folder + "/kubernetes[-_]validate-1.24.1.tar.gz")
    with tarfile.open(older) as package:
        for member in package:
            if member.name.endswith("-local/_definitions.json"):
                minor = int(member.name.split("/")[-2].split(".")[1])
                if 20 <= minor < 25:
                    found[minor] = json.load(package.extractfile(member))["definitions"]
    assert sorted(found) == list(range(20, 38)), sorted(found)
    return found


def restore(value):
    """A schema as Kubernetes publishes it, references by name alone, keys in order."""
    if isinstance(value, list):
        return [restore(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    restored = {}
    for key, inner in sorted(value.items()):
        if key == "$ref":
            restored[key] = inner.split("/")[-1]
        elif key == "type" and isinstance(inner, list):
            restored[key] = inner[0]
        elif key == "properties":
            restored[key] = {name: restore(schema) for name, schema in sorted(inner.items())}
        elif key != "enum":
            restored[key] = restore(inner)
    return restored


def references(value):
    if isinstance(value, list):
        for entry in value:
            yield from references(entry)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)


def reachable(definitions):
    todo = list(MACHINERY)
    for package, kinds in SERVED.items():
        for kind in kinds.split():
            todo += [f"io.k8s.api.{package}.{kind}", f"io.k8s.api.{package}.{kind}List"]
    kept = {}
    while todo:
        name = todo.pop()
        if name in kept or name not in definitions:
            continue
        kept[name] = dict(REPLACED[name]) if name in REPLACED else restore(definitions[name])
        todo += references(kept[name])
    return kept


def enumerations(definitions):
    """The enumerations of 1.23, whose published definitions alone have them: values and the words on them."""
    found = {}
    for name, schema in definitions.items():
        for field, inner in schema.get("properties", {}).items():
            if "enum" in inner:
                text = inner["description"]
                found[name, field] = inner["enum"], text[text.index(ENUM_HEADER):]
    return found


def with_enumerations(kept, minor, known):
    """Adds them since 1.24. A server that has them off cuts their words away and leaves two line ends."""
    for name, schema in kept.items():
        for field, inner in schema.get("properties", {}).items():
            text = inner.get("description", "")
            if ENUM_HEADER in text:
                inner["description"] = text = text[:text.index(ENUM_HEADER)]
            if minor >= ENUMS_FROM and (name, field) in known:
                inner["enum"], words = known[name, field]
                inner["description"] = text.rstrip("\n") + "\n\n" + words


def histories(releases):
    every = {}
    for name in sorted({name for kept in releases.values() for name in kept}):
        spans = []
        for minor in sorted(releases):
            schema = releases[minor].get(name)
            if schema is None:
                continue
            if spans and spans[-1][1] == minor - 1 and spans[-1][2] == schema:
                spans[-1][1] = minor
            else:
                spans.append([minor, minor, schema])
        every[name] = spans
    return every


def main(folder, target):
    published = read(folder)
    known = enumerations(published[23])
    # A field that was taken off the list again shows by its description in 1.24, which kept the line ends.
    for name, field in list(known):
        now = published[24].get(name, {}).get("properties", {}).get(field)
        if now is not None and not now.get("description", "").endswith("\n\n"):
            del known[name, field]
    releases = {}
    for minor, definitions in published.items():
        releases[minor] = reachable(definitions)
        with_enumerations(releases[minor], minor, known)
    text = json.dumps(histories(releases), separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()
    packed = zlib.compress(text, 9)
    with open(target, "wb") as file:
        file.write(packed)
    print(f"{len(text)} bytes, {len(packed)} compressed")


if __name__ == "__main__":
    main(*sys.argv[1:])
