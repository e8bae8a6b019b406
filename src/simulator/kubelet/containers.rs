//! Starts one container: pulls its image, makes it, lets its program run. Upstream: pkg/kubelet/kuberuntime.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::task::AbortHandle;

use super::images::{self, Image, PullError};
use super::logs::Log;
use super::network::Inside;
use super::pods::Running;
use super::status::{Ended, Seen, State};
use super::{Kubelet, environment, pod_name};
use crate::apimachinery::meta;
use crate::base::Clock;
use crate::simulator::controller::api::Key;
use crate::simulator::controller::recorder::Type;
use crate::simulator::release;
use crate::unix::{Files, Machine, Mount, Node, Process, Sink, Source, User, View};

/// The pause after a first failure, and the longest.
const FIRST_PAUSE: i64 = 10;
/// How long a loop in a container rests each round.
const LOOP_REST: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: i64 = 300;

/// One container of a pod.
pub struct Container {
    /// What is known of it.
    pub seen: Seen,
    /// What its present or last run wrote.
    pub log: Log,
    /// What the run before wrote.
    pub previous: Option<Log>,
    /// A process as `exec` starts one.
    pub template: Option<Process>,
    pub(super) exit: Arc<Mutex<Option<(i32, Timestamp)>>>,
    pub(super) task: Option<AbortHandle>,
    pub(super) failures: u32,
    pub(super) retry: Option<Timestamp>,
}

impl Default for Container {
    fn default() -> Self {
        Self::waiting("ContainerCreating")
    }
}

impl Container {
    /// One that has not run, and why.
    pub fn waiting(reason: &str) -> Self {
        let state = State::Waiting { reason: reason.to_owned(), message: String::new() };
        let seen =
            Seen { state, last: None, restarts: 0, id: String::new(), image: String::new(), image_id: String::new() };
        Self {
            seen,
            log: Log::default(),
            previous: None,
            template: None,
            exit: Arc::default(),
            task: None,
            failures: 0,
            retry: None,
        }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        self.log.close();
    }
}

impl Container {
    /// When it is to be looked at again.
    pub fn retry(&self) -> Option<Timestamp> {
        self.retry
    }

    fn wait(&mut self, reason: &str, message: String) {
        self.seen.state = State::Waiting { reason: reason.to_owned(), message };
    }

    /// The next pause, each twice the one before.
    fn pause(&mut self, now: Timestamp) -> i64 {
        let seconds = (FIRST_PAUSE << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures += 1;
        self.retry = now.checked_add(SignedDuration::from_secs(seconds)).ok();
        seconds
    }

    /// Takes note of a program that ended.
    fn reap(&mut self) {
        let exit = self.exit.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some((code, finished)), State::Running { started }) = (exit, &self.seen.state) {
            let reason = if code == 0 { "Completed" } else { "Error" };
            let started = Some(*started);
            let id = self.seen.id.clone();
            let ended = Ended { code, reason: reason.to_owned(), message: String::new(), started, finished, id };
            self.seen.state = State::Ended(ended);
        }
    }
}

impl Kubelet {
    /// Brings one container a step on.
    pub(super) async fn step(&self, key: &Key, pod: &Value, spec: &Value, running: &mut Running, is_init: bool) {
        let name = spec["name"].as_str().unwrap_or_default().to_owned();
        let mut container = running.containers.remove(&name).unwrap_or_default();
        container.reap();
        let policy = pod["spec"]["restartPolicy"].as_str().unwrap_or("Always");
        let now = self.settings.clock.now();
        let due = container.retry.is_none_or(|at| at <= now);
        match container.seen.state.clone() {
            State::Running { .. } => {}
            State::Ended(ended) => {
                let again = if is_init {
                    ended.code != 0 && policy != "Never"
                } else {
                    policy == "Always" || (policy == "OnFailure" && ended.code != 0)
                };
                if again {
                    container.seen.last = Some(ended);
                    if container.seen.restarts == 0 && container.failures == 0 {
                        container.failures = 0;
                        container.seen.restarts += 1;
                        self.start(key, pod, spec, running, &mut container).await;
                        if container.retry.is_none() {
                            container.failures = 1;
                        }
                    } else {
                        container.failures = container.failures.saturating_sub(1);
                        let seconds = container.pause(now);
                        container.failures += 1;
                        let of = pod_name(pod);
                        container.wait(
                            "CrashLoopBackOff",
                            format!("back-off {} restarting failed container={name} pod={of}", go_duration(seconds)),
                        );
                        let text = match release::BACK_OFF_RESTARTING_NAMES.holds(self.settings.release) {
                            true => format!("Back-off restarting failed container {name} in pod {of}"),
                            false => "Back-off restarting failed container".to_owned(),
                        };
                        self.tell(pod, spec, Type::Warning, "BackOff", &text).await;
                    }
                }
            }
            State::Waiting { reason, .. } if due => {
                if reason == "CrashLoopBackOff" {
                    container.seen.restarts += 1;
                }
                container.retry = None;
                self.start(key, pod, spec, running, &mut container).await;
            }
            State::Waiting { reason, message } => {
                if reason == "ErrImagePull" {
                    let image = spec["image"].as_str().unwrap_or_default();
                    let text = format!("Back-off pulling image {image:?}");
                    self.tell(pod, spec, Type::Normal, "BackOff", &text).await;
                    self.tell(pod, spec, Type::Warning, "Failed", "Error: ImagePullBackOff").await;
                    let why = release::BACK_OFF_PULLING_WHY.holds(self.settings.release);
                    container
                        .wait("ImagePullBackOff", if why { format!("{text}: ErrImagePull: {message}") } else { text });
                }
            }
        }
        running.containers.insert(name, container);
    }

    async fn tell(&self, pod: &Value, spec: &Value, kind: Type, reason: &str, message: &str) {
        let path = format!("spec.containers{{{}}}", spec["name"].as_str().unwrap_or_default());
        self.recorder.event_at(pod, &path, kind, reason, message).await;
    }

    async fn start(&self, key: &Key, pod: &Value, spec: &Value, running: &Running, container: &mut Container) {
        let (release, now) = (self.settings.release, self.settings.clock.now());
        let wanted = spec["image"].as_str().unwrap_or_default();
        let name = spec["name"].as_str().unwrap_or_default();
        let present = !container.seen.image.is_empty() && spec["imagePullPolicy"] != "Always";
        let image = match images::pull(wanted, release) {
            Ok(image) => image,
            Err(PullError::InvalidName(why)) => {
                self.tell(pod, spec, Type::Warning, "InspectFailed", &why).await;
                self.tell(pod, spec, Type::Warning, "Failed", "Error: InvalidImageName").await;
                container.wait("InvalidImageName", why);
                container.pause(now);
                return;
            }
            Err(PullError::Absent(why)) => {
                self.tell(pod, spec, Type::Normal, "Pulling", &format!("Pulling image {wanted:?}")).await;
                self.tell(pod, spec, Type::Warning, "Failed", &format!("Failed to pull image {wanted:?}: {why}")).await;
                self.tell(pod, spec, Type::Warning, "Failed", "Error: ErrImagePull").await;
                container.wait("ErrImagePull", why);
                container.pause(now);
                // Soon after the failure the kubelet looks again, and finds that it has to wait.
                self.queue.add_at(key.clone(), now.checked_add(SignedDuration::from_secs(1)).unwrap_or(now));
                return;
            }
        };
        if present {
            let more = if release::IMAGE_ACCESSIBLE.holds(release) { " and can be accessed by the pod" } else { "" };
            self.tell(
                pod,
                spec,
                Type::Normal,
                "Pulled",
                &format!("Container image {wanted:?} already present on machine{more}"),
            )
            .await;
        } else {
            self.tell(pod, spec, Type::Normal, "Pulling", &format!("Pulling image {wanted:?}")).await;
            let took = self.settings.ids.between(20, 90);
            let text = match (release::PULL_TIME_WITH_WAITING.holds(release), release::PULL_IMAGE_SIZE.holds(release)) {
                (true, true) => format!("in {took}ms ({took}ms including waiting). Image size: {} bytes.", image.size),
                (true, false) => format!("in {took}ms ({took}ms including waiting)"),
                _ => format!("in {took}.{:06}ms", self.settings.ids.between(0, 999_999)),
            };
            self.tell(pod, spec, Type::Normal, "Pulled", &format!("Successfully pulled image {wanted:?} {text}")).await;
        }
        container.seen.image = image.reference.clone();
        container.seen.image_id = image.id.clone();
        let env = match environment::variables(&self.api, pod, spec).await {
            Ok(env) => env,
            Err(why) => {
                self.tell(pod, spec, Type::Warning, "Failed", &format!("Error: {why}")).await;
                container.wait("CreateContainerConfigError", why);
                container.pause(now);
                return;
            }
        };
        let argv = environment::command_line(spec, &image, &env);
        container.seen.id = format!("containerd://{}", {
            let purpose = format!("container {}/{}/{name}", meta::namespace(pod), meta::name(pod));
            self.settings.ids.of(&purpose).hex(32)
        });
        let created = if release::CONTAINER_CREATED.holds(release) {
            "Container created".to_owned()
        } else if release::CREATED_CONTAINER_PLAIN.holds(release) {
            format!("Created container {name}")
        } else {
            format!("Created container: {name}")
        };
        self.tell(pod, spec, Type::Normal, "Created", &created).await;
        let word = argv.first().cloned().unwrap_or_default();
        let process = self.process(pod, spec, running, argv, env, &image);
        if process.program().is_none() {
            let why = format!(
                "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: {word:?}: executable file not found in $PATH: unknown"
            );
            self.tell(pod, spec, Type::Warning, "Failed", &format!("Error: {why}")).await;
            let id = container.seen.id.clone();
            // What containerd says of what never ran.
            let started = Some(Timestamp::UNIX_EPOCH);
            let ended = Ended { code: 128, reason: "StartError".to_owned(), message: why, started, finished: now, id };
            container.seen.state = State::Ended(ended);
            self.queue.add_at(key.clone(), now.checked_add(SignedDuration::from_secs(1)).unwrap_or(now));
            return;
        };
        if container.task.is_some() {
            container.previous = Some(std::mem::take(&mut container.log));
        }
        self.launch(key, container, process);
        container.seen.state = State::Running { started: now };
        let started = match release::CONTAINER_CREATED.holds(release) {
            true => "Container started".to_owned(),
            false => format!("Started container {name}"),
        };
        self.tell(pod, spec, Type::Normal, "Started", &started).await;
    }

    /// Lets a container's program run.
    pub(super) fn launch(&self, key: &Key, container: &mut Container, process: Process) {
        container.template = Some(process.clone());
        let (exit, log, clock) = (Arc::clone(&container.exit), container.log.clone(), self.settings.clock.clone());
        let output = Sink::new(Written { log: log.clone(), clock: clock.clone() });
        let (queue, key) = (Arc::downgrade(&self.queue), key.clone());
        let task = tokio::spawn(async move {
            let code = process.run(Source::empty(), output.clone(), output).await;
            *exit.lock().unwrap_or_else(PoisonError::into_inner) = Some((code, clock.now()));
            log.close();
            if let Some(queue) = queue.upgrade() {
                queue.add(key);
            }
        });
        container.task = Some(task.abort_handle());
    }

    fn process(
        &self,
        pod: &Value,
        spec: &Value,
        running: &Running,
        argv: Vec<String>,
        environment: std::collections::BTreeMap<String, String>,
        image: &Image,
    ) -> Process {
        let now = self.settings.clock.now();
        let base = image.files(now);
        let directory = || Node::directory(now);
        let hostname = meta::name(pod);
        let mut mounts = Vec::new();
        for mount in spec["volumeMounts"].as_array().into_iter().flatten() {
            let Some(volume) = running.volumes.get(mount["name"].as_str().unwrap_or_default()) else { continue };
            // A volume is mounted where the path leads in the image: /var/run is a link there.
            let path = base.reach(mount["mountPath"].as_str().unwrap_or_default(), now);
            let part = mount["subPath"].as_str().unwrap_or_default().trim_matches('/');
            // A part is mounted as it is when the container starts: the links that an update turns lie outside it.
            let (tree, root) = match part {
                "" => (volume.tree.clone(), String::new()),
                part if volume.is_filled() => (volume.tree.part(part, now), String::new()),
                part => {
                    if volume.tree.get(part).is_none() {
                        volume.tree.put(part, directory());
                    }
                    (volume.tree.clone(), part.to_owned())
                }
            };
            // Volumes that the kubelet fills are read-only whatever the pod says.
            let read_only = mount["readOnly"] == true || volume.is_filled();
            mounts.push(Mount { path, tree, root, read_only, is_tmpfs: volume.is_tmpfs });
        }
        let (own, of_pod) = (&spec["securityContext"], &pod["spec"]["securityContext"]);
        let id = |name: &str| own[name].as_i64().or(of_pod[name].as_i64()).unwrap_or(0);
        let mut groups: Vec<i64> =
            of_pod["supplementalGroups"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
        groups.extend(of_pod["fsGroup"].as_i64());
        let machine = Machine {
            hostname: hostname.to_owned(),
            clock: self.settings.clock.clone(),
            make: image.make,
            programs: image.programs(),
            network: Some(Arc::new(Inside { api: self.settings.anonymous.clone() })),
            rest: LOOP_REST,
            owner: Arc::new(()),
        };
        let view = View::new(base, mounts);
        let user = User { uid: id("runAsUser"), gid: id("runAsGroup"), groups };
        environment::files(&view, pod, hostname, &user, now);
        let place = spec["workingDir"].as_str().unwrap_or("/");
        let files = Files::seen(view, user, place, self.settings.clock.clone());
        Process { machine: Arc::new(machine), files, environment, argv }
    }
}

/// What a container's program writes goes into its log.
struct Written {
    log: Log,
    clock: Clock,
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.log.write(bytes, &self.clock);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `10s`, `1m20s`, `5m0s`: as Go writes a duration.
fn go_duration(seconds: i64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}
