//! What changed in which release: the one table. Nothing else in the simulator compares release numbers.
//!
//! Each row is a behaviour and the releases it holds in, by default settings.

use crate::apimachinery::Release;

/// Something the simulator does in some releases and not in others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// One sentence for a reader of the table.
    pub what: &'static str,
    from: Release,
    until: Release,
}

impl Behaviour {
    /// Holds from this release on.
    const fn since(minor: u8, what: &'static str) -> Self {
        Self { what, from: Release::minor(minor), until: Release::NEWEST }
    }

    /// Holds up to and including this release.
    const fn through(minor: u8, what: &'static str) -> Self {
        Self { what, from: Release::OLDEST, until: Release::minor(minor) }
    }

    /// Whether a cluster of this release behaves so.
    pub fn holds(&self, release: Release) -> bool {
        self.from <= release && release <= self.until
    }

    /// The first release it holds in.
    pub fn from(&self) -> Release {
        self.from
    }

    /// The last release it holds in.
    pub fn until(&self) -> Release {
        self.until
    }
}

macro_rules! behaviours {
    ($($name:ident = $kind:ident($minor:literal, $what:literal);)*) => {
        $(#[doc = $what] pub const $name: Behaviour = Behaviour::$kind($minor, $what);)*
        /// Every row of the table.
        pub const ALL: &[Behaviour] = &[$($name),*];
    };
}

behaviours! {
    DISCOVERY_SINGULAR_NAMES = since(27, "Discovery names the singular of each resource.");
    AGGREGATED_DISCOVERY = since(27, "Discovery comes in one aggregated document on request.");
    OPENAPI_V3 = since(24, "The API describes itself in OpenAPI 3, a document for each group version.");
    FIELD_VALIDATION = since(25, "The server validates fields: it warns of unknown ones, or refuses them when asked to.");
    WATCH_LIST_DOCUMENTED = since(27, "The documents of the API know the parameter sendInitialEvents.");
    WATCH_LIST = since(32, "A watch can begin with all there is (sendInitialEvents).");
    VERSION_EMULATION = since(33, "The version document names the emulated and the oldest compatible release.");
    BLANK_LINE_IN_EMPTY_JSON = through(22, "Indented JSON has a blank line in an empty object.");
    SHORT_IMAGE_NAMES = through(25, "The status of a container names its image without the registry Docker Hub.");
    AGGREGATION_APPLIES = since(21, "The rules of an aggregated cluster role are applied by the server; before, the role was replaced.");
    SECRET_TOKEN_VOLUME = through(20, "A pod's token comes from a secret of its service account.");
    PROJECTED_TOKEN_VOLUME = since(21, "A pod's token comes from a projected volume and is bound to the pod.");
    AUTO_TOKEN_SECRET = through(23, "The tokens controller makes a token secret for every service account.");
    ROOT_CA_DESCRIPTION = since(22, "The kube-root-ca.crt config map carries a description.");
    EXTENSION_FOR_API_AUDIENCE_ONLY = since(24, "The one-year extension needs the API server's own audiences.");
    TOKEN_REQUEST_METADATA = since(24, "The reply to a token request names the account, its namespace and the time.");
    TOKEN_REQUEST_UID = since(34, "The reply to a token request carries the account's uid, and a wrong one in it is refused.");
    TOKEN_ATTESTATIONS = since(37, "A token request has a field for attestations.");
    NODE_BOUND_TOKENS = since(31, "Tokens can be bound to a node.");
    NODE_BOUND_TOKENS_GATED = since(29, "Binding a token to a node is known, though it may be off.");
    TOKEN_JTI = since(30, "Bound tokens have a jti, which becomes the credential id.");
    TOKEN_NODE_CLAIM = since(30, "Pod-bound tokens name the pod's node.");
    ISSUED_IN_THE_FUTURE = since(27, "A token issued in the future is refused.");
    ISSUER_RECHECKED = since(30, "The issuer is checked again after the signature, and JSON-serialised tokens are refused.");
    OLD_TOKEN_TEXTS = through(21, "The reasons to refuse a bound token have their first wording.");
    DELETION_BEFORE_UID = through(28, "Of an account that was made again, its deletion is noticed before its uid.");
    GO_JOSE_RENAMED = since(30, "The token library calls itself go-jose, no longer square.");
    KEY_BY_KID = since(31, "A token is verified by the key its kid names, not by every key.");
    LEGACY_TOKEN_TRACKING = since(27, "The use of secret tokens is tracked in labels.");
    LEGACY_TOKEN_CLEANUP = since(29, "Unused auto-generated secret tokens are marked invalid, then deleted.");
    AUDIT_STATUS_MESSAGE = since(24, "Audit events give a failure's message and details, not only its reason.");
    AUDIT_LEGACY_SECRET = since(29, "Audit events name the secret of a legacy token, and whether it was auto-generated.");
    EXTRA_SPACE_WARNING = since(28, "Two spaces before a bearer token bring a warning.");
    MORE_HEALTH_CHECKS = since(36, "The health of the API server has the checks that were recorded of 1.36.");
    IMPERSONATE_UID = since(22, "Who acts as somebody else may take on a uid.");
    IMPERSONATING_NOBODY_IS_BAD = since(35, "Impersonating groups of nobody is a bad request, no fault of the server.");
    CONSTRAINED_IMPERSONATION = since(36, "Acting as somebody else may be allowed for some requests alone.");
    X509_CREDENTIAL_ID = since(32, "Users known by a certificate have a credential id.");
    ENFORCE_MOUNTABLE_SECRETS_DEPRECATED = since(32, "Setting the enforce-mountable-secrets annotation brings a warning.");
    TOO_LONG_MAY_NOT_BE = since(32, "A fault says that a text may not be more than its most bytes, no longer that it must have at most so many.");
    RELAXED_ENV_NAMES = since(32, "The name of a variable may be of any letters that can be printed, but for an equals sign.");
    ENV_FILES = since(34, "A variable may come from a file.");
    LABEL_KEYS = since(35, "The faults of labels speak of label keys, and count bytes, no longer characters.");
    LABELS_TOLD_OF_DOTS = since(27, "A name that must be one label is told of its dots.");
    OWNERS_JUST_EMPTY = since(34, "The fault of an empty field in an owner reference no longer repeats the field's name.");
    SCHEME_PATH_SHORT = since(24, "A kind that is not known is looked for in a scheme whose path begins at pkg.");
    FAULTS_PRINT_JSON = since(33, "A fault prints the value of a whole object as JSON, no longer as Go.");
    MOUNTABLE_ENV_FROM = since(30, "Enforcing mountable secrets looks at envFrom too.");
    EDIT_MAY_CREATE_TOKENS = since(24, "The edit and admin roles may create service account tokens.");
    NODE_READS_OWN = since(32, "A kubelet may read its own node and the pods of it alone.");
    NODE_READS_ACCOUNTS = since(34, "A kubelet may read the service accounts of its pods.");
    SELECTORS_IN_REVIEWS = since(31, "A review may ask about a selection, whose faults are refused.");
    SELF_SUBJECT_REVIEW_V1BETA1 = since(27, "A user can ask the API who they are (beta).");
    SELF_SUBJECT_REVIEW_V1 = since(28, "A user can ask the API who they are.");
    NULL_CREATION_TIMESTAMP = through(33, "An unset creation time is written as null.");
    OLD_DOCUMENTATION_LINKS = through(26, "Tables link to the user guide for what a name is.");
    SECRETS_OF_ACCOUNT_EXPLAINED = since(24, "The table of service accounts says at length what the secrets of one are.");
    SECRET_TYPES_LINKED = since(23, "The table of secrets links to the types of secrets.");
    SERVICE_ACCOUNT_SECRETS_COLUMN = through(34, "The table of service accounts has a SECRETS column.");
    POD_UPDATE_LISTS_FOUR = through(21, "A refused pod update names four changeable fields.");
    POD_UPDATE_LISTS_BARE_COMMAS = since(27, "A refused pod update lists the changeable fields with bare commas.");
    POD_UPDATE_DIFF_SWAPPED = through(23, "The difference in a refused pod update has old and new swapped.");
    POD_UPDATE_DIFF_UNIFIED = since(34, "The difference in a refused pod update is a unified diff of JSON.");
    POD_OS = since(23, "A pod's spec has an operating system.");
    POD_HOST_USERS = since(25, "A pod's security context says whether it shares the host's users.");
    POD_SCHEDULING_GATES = since(26, "A pod's spec has scheduling gates and resource claims.");
    CONTAINER_RESIZE_POLICY = since(27, "A container says how it may be resized.");
    CONTAINER_RESTART_POLICY = since(28, "A container may have a restart policy of its own.");
    APP_ARMOR_FIELDS = since(30, "AppArmor profiles are fields, and mounts may be read-only all the way down.");
    POD_LEVEL_RESOURCES = since(32, "A pod's spec has resources of its own.");
    TTL_AFTER_FINISHED = since(21, "Finished jobs are cleaned up, and pods may bring volumes of their own.");
    VALIDATING_ADMISSION_POLICY = since(30, "Admission policies have a controller.");
    SELINUX_WARNING = since(33, "Controllers warn of SELinux labels and keep the ranges of services.");
    RESOURCE_CLAIMS = since(34, "Controllers keep resource claims and volume attributes.");
    DEVICE_TAINT_EVICTION = since(36, "A controller evicts pods from tainted devices.");
    NODE_AUDIENCE_RESTRICTION = since(33, "A node asks only for tokens of audiences that its pods name.");
    RETRY_GENERATE_NAME = since(31, "A generated name that is taken is drawn again.");
    EVICTION_V1 = since(22, "Evictions are of policy/v1, no longer of v1beta1.");
    DISRUPTION_TARGET = since(26, "An evicted pod has a condition that says why.");
    NAMESPACE_NAME_LABEL = since(21, "Namespaces carry their name as a label.");
    NODE_ARCHITECTURE_COLUMN = since(36, "The wide table of nodes names the architecture after the kernel.");
    POD_RESTARTS_WITH_AGE = since(22, "The table of pods says how long ago the last restart was.");
    POD_FINISHED_IS_NOT_TERMINATING = since(27, "A finished pod that is being deleted keeps its reason in the table.");
    POD_GENERATION = since(33, "Pods have a generation.");
    TERMINATING_REPLICAS = since(35, "Deployments and replica sets count their terminating pods.");
    SCALED_FROM = since(25, "The event of a scaled replica set says what it was scaled from.");
    SCALED_FROM_FIRST = since(31, "The event of a scaled replica set reads from … to …, for a new one too.");
    HOST_IPS = since(29, "A pod's status lists the addresses of its host, and whether its sandbox is ready.");
    POD_OBSERVED_GENERATION = since(34, "A pod's status says which generation it speaks of.");
    CONTAINER_STATUS_RESOURCES = since(33, "A container's status tells its resources.");
    POD_STATUS_RESOURCES = since(36, "A pod's status tells its resources.");
    CONTAINER_STATUS_MOUNTS = since(31, "A container's status lists its mounts.");
    PULL_TIME_WITH_WAITING = since(27, "The event of a pulled image tells the time including waiting.");
    PULL_IMAGE_SIZE = since(30, "The event of a pulled image tells its size.");
    PULL_ERROR_RPC = through(28, "A failed pull's message begins with the runtime's rpc code.");
    BACK_OFF_PULLING_WHY = since(32, "A container that waits to pull again says why the last pull failed.");
    CREATED_CONTAINER_PLAIN = through(31, "The event of a created container reads Created container NAME.");
    CONTAINER_CREATED = since(35, "The events of containers read Container created and Container started.");
    IMAGE_ACCESSIBLE = since(35, "The event of an image that is present says that the pod can access it.");
    BACK_OFF_RESTARTING_NAMES = since(27, "The event of a container that waits to restart names it and its pod.");
    MANAGED_PARTS = since(22, "An entry of managedFields names the part of the object it was written by.");
    RESET_FIELDS = since(21, "Nobody comes to manage fields that the part they wrote to does not change.");
    APPLY_NAMES_THE_OBJECT = since(22, "A configuration that cannot be read by its type's rules is named in the refusal.");
    WHOLE_REFERENCES = since(22, "References to objects, keys, fields and roles are managed as a whole.");
    UNMOUNTED_FAILED_TO_PROCESS = since(27, "The event of volumes that could not be mounted lists those that failed to process.");
}
