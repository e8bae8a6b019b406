//! What changed in which kubectl: the one table. Nothing else in this room compares release numbers.

use crate::apimachinery::Release;

/// Something kubectl does in some releases and not in others.
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

    /// Holds in this release alone.
    const fn only(minor: u8, what: &'static str) -> Self {
        Self { what, from: Release::minor(minor), until: Release::minor(minor) }
    }

    /// Whether a kubectl of this release behaves so.
    pub fn holds(&self, release: Release) -> bool {
        self.from <= release && release <= self.until
    }
}

macro_rules! behaviours {
    ($($name:ident = $kind:ident($minor:literal, $what:literal);)*) => {
        $(#[doc = $what] pub const $name: Behaviour = Behaviour::$kind($minor, $what);)*
    };
}

behaviours! {
    ALWAYS = since(20, "Every release does this.");
    FLAG_ERRORS_CAPITAL = through(23, "Flag errors begin with `Error:`.");
    CREATE_ERRORS_WRAPPED = since(21, "`create serviceaccount` and `create secret` wrap the server's error in their own words.");
    CREATE_ALONE_SAYS_LITTLE = since(31, "`create` without a file says one line, and no help.");
    LOGS_SAY_NAMESPACE = since(30, "`logs` says in which namespace there is no such pod.");
    CONTAINERS_LISTED = since(36, "`logs` and `exec` say which containers there are when one is wrong.");
    WAIT_FOR_GONE = since(22, "`wait --for=delete` is content when there is nothing.");
    WAIT_FOR_IS_LIST = since(36, "`wait` without `--for` complains of an empty list.");
    RESOURCES_AS_OBJECTS = since(34, "`api-resources` prints JSON and YAML.");
    KYAML = since(35, "There is KYAML.");
    RAW_USAGE = through(24, "A bad `--raw` path is a usage error.");
    APPLY_NAMES_PATCHING = since(25, "`apply` says twice from which file a refused patch came.");
    CREATE_TOKEN = since(24, "There is a `create token` command.");
    CREATE_TOKEN_NODE = since(31, "`create token` binds to nodes too.");
    AUTH_WHOAMI = since(27, "There is an `auth whoami` command.");
    AUTH_WHOAMI_ALPHA = only(26, "`alpha auth whoami` exists.");
    CAN_I_WANTS_THREE = through(25, "`auth can-i` asks for two or three arguments when it complains.");
    DELETE_NAMES_NAMESPACE = since(34, "`delete` says from which namespace.");
    NULL_CREATION_TIMESTAMP = through(33, "Objects made here and printed have `creationTimestamp: null`.");
    APPLY_MIGRATES = since(26, "`apply --server-side` takes over what `apply` managed before.");
    CONFLICT_LINK_OLDEST = through(20, "A conflict of `apply --server-side` points to the page of API concepts.");
    CONFLICT_LINK_OLD = through(21, "A conflict of `apply --server-side` points to k8s.io.");
    MANAGED_FIELDS_SHOWN = through(20, "`-o yaml` shows managed fields.");
    LIST_SELF_LINK = through(23, "Lists printed with `-o yaml` have an empty selfLink.");
    KUSTOMIZE_VERSION = since(24, "`version` names the release of kustomize.");
    VERSION_PLAIN_SHORT = since(28, "`version` prints the short form.");
    DESCRIBE_POD_SERVICE_ACCOUNT = since(25, "`describe pod` names the service account.");
    DESCRIBE_TEMPLATE_SCHEDULING = since(31, "`describe deployment` shows node selectors and tolerations of its template.");
    DESCRIBE_SA_SECRETS = through(34, "`describe serviceaccount` shows mountable secrets and tokens.");
    DESCRIBE_CONFIG_MAP_OPTIONAL = through(32, "A projected config map shows `ConfigMapOptional`.");
    DESCRIBE_EVENT_FIELD_PATH = since(35, "Events in `describe` begin with the field they are about.");
    DESCRIBE_SCALED_DOWN_REPLICA_SETS = since(26, "`describe deployment` lists old replica sets that are scaled down.");
    DESCRIBE_MANY_WITHOUT_EVENTS = since(36, "`describe` of several objects shows no events unless asked.");
    FIELD_VALIDATION = since(25, "Writes ask the server to validate fields strictly.");
    EXPLAIN_V3 = since(27, "`explain` reads OpenAPI 3 and names types.");
    EXPLAIN_ENUMS = since(30, "`explain` lists the values of enumerations.");
    MAPPING_NOT_FOUND = since(24, "A manifest of an unknown kind is `resource mapping not found`.");
    DEFAULTED_CONTAINER = since(21, "`exec` and `logs` say which container they chose, and from which.");
    SUGGESTS_FOR_PS = through(35, "`list` and `ps` are taken for `get` and for `wait`.");
    SUGGESTS_FOR_MORE = since(36, "`ls`, `remove` and `inspect` are taken for commands.");
    DISCOVERY_COMPLAINS = since(26, "What is asked of a server that is not there is told once for each attempt.");
    DISCOVERY_COMPLAINS_STRUCTURED = since(31, "The same as a structured message.");
    DISCOVERY_COMPLAINS_ELSEWHERE = since(37, "The same by client-go's own words.");
    FLAGS_OF_PAGES = since(36, "A flag that a command's page does not tell of is unknown.");
    EXEC_NAMES_UPGRADE = since(36, "`exec` says that the connection could not be upgraded, before it says why.");
    EXEC_NEEDS_DASHES = since(31, "`exec` wants `--` before the command.");
    RUN_SERVICE_ACCOUNT = through(20, "`run --serviceaccount` exists.");
    EVENTS_COMMAND = since(23, "There is an `events` command (alpha at first).");
    DESCRIBE_BINARY_DATA = since(22, "`describe configmap` shows binary data.");
    DESCRIBE_CONFIG_MAP_GAPS = since(31, "`describe configmap` leaves a line free after each value.");
    DESCRIBE_KUBE_PROXY_VERSION = through(33, "`describe node` shows a version of kube-proxy.");
    LOG_CURL_INSECURE = through(21, "`-v=9` shows a `curl -k`.");
    LOG_TRACE = since(23, "`-v=9` tells of dialling and of how long each part took.");
    LOG_REFUSAL_FORM = since(31, "`-v=4` shows the form of its line before a refusal.");
    LOG_BODIES_STRUCTURED = since(32, "`-v=8` writes bodies as values with a name.");
    LOG_STRUCTURED = since(33, "`-v=6` and above write requests as values with names.");
    DESCRIBE_READS_TWICE = through(36, "`describe` reads each object once more before it tells of it.");
}

/// The lines of round_trippers.go that are named with `-v`; nought where nothing is logged.
pub struct RoundTrips {
    pub curl: u16,
    pub request: u16,
    pub request_headers: u16,
    pub request_header: u16,
    pub dial: u16,
    pub timing: u16,
    pub statistics: u16,
    pub response: u16,
    pub response_headers: u16,
    pub response_header: u16,
}

/// The lines of client-go's and kubectl's sources that a log names.
pub struct LogPlaces {
    from: u8,
    pub trips: RoundTrips,
    pub loader: u16,
    pub body: u16,
    pub helpers: u16,
    pub envvar: u16,
    /// client-go's gates, and whether they are on, in order of their names.
    pub gates: &'static [(&'static str, bool)],
}

const fn trips(at: [u16; 10]) -> RoundTrips {
    let [curl, request, request_headers, request_header, dial, timing, statistics, response, response_headers, last] =
        at;
    RoundTrips {
        curl,
        request,
        request_headers,
        request_header,
        dial,
        timing,
        statistics,
        response,
        response_headers,
        response_header: last,
    }
}

const fn log(from: u8, at: [u16; 10], loader: u16, body: u16, helpers: u16) -> LogPlaces {
    LogPlaces { from, trips: trips(at), loader, body, helpers, envvar: 172, gates: &[] }
}

const TRIPS_20: [u16; 10] = [425, 422, 429, 433, 0, 445, 0, 448, 451, 454];
const TRIPS_21: [u16; 10] = [435, 432, 438, 442, 0, 454, 0, 457, 460, 463];
const TRIPS_23: [u16; 10] = [466, 463, 469, 473, 510, 553, 570, 574, 577, 580];
const TRIPS_32: [u16; 10] = [473, 470, 476, 480, 517, 560, 577, 581, 584, 587];
const TRIPS_33: [u16; 10] = [0, 527, 0, 0, 562, 0, 0, 632, 0, 0];
const GATES_36: &[(&str, bool)] = &[
    ("AtomicFIFO", true),
    ("ClientsAllowCARotation", true),
    ("ClientsAllowCBOR", false),
    ("ClientsAllowTLSCacheGC", true),
    ("ClientsPreferCBOR", false),
    ("InOrderInformers", true),
    ("InOrderInformersBatchProcess", true),
    ("InformerResourceVersion", true),
    ("UnlockWhileProcessingFIFO", true),
    ("WatchListClient", true),
];
const GATES_35: &[(&str, bool)] = &[
    ("ClientsAllowCBOR", false),
    ("ClientsPreferCBOR", false),
    ("InOrderInformers", true),
    ("InOrderInformersBatchProcess", true),
    ("InformerResourceVersion", true),
    ("WatchListClient", true),
];
const GATES_33: &[(&str, bool)] = &[
    ("ClientsAllowCBOR", false),
    ("ClientsPreferCBOR", false),
    ("InOrderInformers", true),
    ("InformerResourceVersion", false),
    ("WatchListClient", false),
];
const GATES_32: &[(&str, bool)] = &[
    ("ClientsAllowCBOR", false),
    ("ClientsPreferCBOR", false),
    ("InformerResourceVersion", false),
    ("WatchListClient", false),
];

/// As the releases' own binaries print them.
const LOG_PLACES: &[LogPlaces] = &[
    log(20, TRIPS_20, 379, 1107, 216),
    log(21, TRIPS_21, 372, 1123, 216),
    log(22, TRIPS_21, 372, 1181, 217),
    log(23, TRIPS_23, 372, 1181, 218),
    log(24, TRIPS_23, 372, 1073, 222),
    log(25, TRIPS_23, 374, 1073, 222),
    log(26, TRIPS_23, 373, 1171, 246),
    log(27, TRIPS_23, 373, 1188, 246),
    log(28, TRIPS_23, 395, 1212, 246),
    log(31, TRIPS_23, 395, 1351, 246),
    LogPlaces { gates: GATES_32, ..log(32, TRIPS_32, 402, 0, 246) },
    LogPlaces { gates: GATES_33, ..log(33, TRIPS_33, 402, 0, 246) },
    LogPlaces { gates: GATES_35, ..log(35, TRIPS_33, 405, 0, 246) },
    LogPlaces { gates: GATES_36, envvar: 195, ..log(36, TRIPS_33, 407, 0, 246) },
    LogPlaces { gates: GATES_36, envvar: 195, ..log(37, TRIPS_33, 408, 0, 246) },
];

/// The places a kubectl of this release names.
pub fn log_places(release: Release) -> &'static LogPlaces {
    LOG_PLACES.iter().rev().find(|places| places.from <= release.number()).unwrap_or(&LOG_PLACES[0])
}

/// On which line of helpers.go each kubectl warns of `--dry-run` without a word.
const DRY_RUN_WARNINGS: &[(u8, u16)] = &[
    (20, 553),
    (21, 557),
    (22, 555),
    (24, 636),
    (25, 639),
    (26, 663),
    (27, 692),
    (29, 704),
    (30, 703),
    (32, 702),
    (33, 703),
    (34, 731),
    (35, 719),
    (37, 714),
];

/// Where kubectl's sources warn of `--dry-run` without a word.
pub fn dry_run_warning(release: Release) -> u16 {
    let row = DRY_RUN_WARNINGS.iter().rev().find(|(from, _)| *from <= release.number());
    row.unwrap_or(&DRY_RUN_WARNINGS[0]).1
}

/// The numbers a kubectl of a minor release says of itself with `version`.
pub struct Build {
    /// `v1.36.3`
    pub git_version: String,
    /// The commit it was built from.
    pub git_commit: &'static str,
    /// When it was built.
    pub build_date: &'static str,
    /// Go's release.
    pub go_version: &'static str,
    /// The kustomize inside, where it is told.
    pub kustomize: &'static str,
}

/// Known builds, as recorded from real ones: minor, patch, commit, date, Go, kustomize.
const BUILDS: &[(u8, u8, &str, &str, &str, &str)] = &[
    (20, 0, "af46c47ce925f4c4ad5cc8d1fca46c7b77d13b38", "2020-12-08T17:59:43Z", "go1.15.5", ""),
    (23, 0, "ab69524f795c42094a6630298ff53f3c3ebab7f4", "2021-12-07T18:16:20Z", "go1.17.3", ""),
    (25, 0, "a866cbe2e5bbaa01cfd5e969aa3e033f3282a8a2", "2022-08-23T17:44:59Z", "go1.19", "v4.5.7"),
    (36, 3, "0f29094e5b73085e3802ecc1298ecae13866bfe6", "2026-07-22T18:10:35Z", "go1.26.5", "v5.8.1"),
];

/// The build this kubectl says it is: the recorded one of its release, or the nearest earlier one's particulars.
pub fn build(release: Release) -> Build {
    let minor = release.number();
    let row = BUILDS.iter().rev().find(|row| row.0 <= minor).unwrap_or(&BUILDS[0]);
    let patch = if row.0 == minor { row.1 } else { 0 };
    let kustomize = if row.5.is_empty() && KUSTOMIZE_VERSION.holds(release) { "v4.5.4" } else { row.5 };
    Build {
        git_version: format!("v1.{minor}.{patch}"),
        git_commit: row.2,
        build_date: row.3,
        go_version: row.4,
        kustomize,
    }
}
