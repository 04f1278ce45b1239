//! Revocations over a real Redis: what other nodes hear, and what becomes of it when Redis is away, empty, old, or not
//! to be trusted.

mod speed;

use std::time::Duration;

use axum::http::HeaderMap;
use harness::redis_server::RedisServer;
use redis::AsyncCommands;
use sealed_session::revocation::{Mark, Revocations};
use sealed_session::{FamilyId, KeyRing, Rejection, Sessions, testing};
use sealed_session_redis::{Reach, RedisRevocations};
use tokio::time::{Instant, sleep};

type Visitor = Option<u64>;

const KEY: &str = "sealed-session:revocations";

/// A process.
struct Node {
    sessions: Sessions<Visitor>,
    revocations: Revocations,
    channel: RedisRevocations,
}

impl Node {
    async fn start(redis: &RedisServer) -> Self {
        Self::with(testing::key_ring(), client(redis)).await
    }

    async fn with(ring: KeyRing, client: redis::Client) -> Self {
        Self::resyncing(ring, client, Duration::from_millis(100)).await
    }

    async fn resyncing(ring: KeyRing, client: redis::Client, interval: Duration) -> Self {
        let revocations = Revocations::new();
        let builder = Sessions::builder(ring).revocations(&revocations);
        let sessions = builder.subject(|user: &Visitor| user.map(u64::to_be_bytes)).build().unwrap();
        let builder = RedisRevocations::builder(client).resync(interval);
        let channel = builder.start(&revocations).await.unwrap();
        Self { sessions, revocations, channel }
    }

    fn log_in(&self, user: u64) -> HeaderMap {
        testing::request(&self.sessions, |session| session.log_in(Some(user)))
    }

    fn is_revoked(&self, request: &HeaderMap) -> bool {
        testing::load(&self.sessions, request).about().rejection() == Some(Rejection::Revoked)
    }

    async fn revoke(&self, user: u64) -> Reach {
        self.channel.revoke_subject(user.to_be_bytes()).await.unwrap()
    }

    async fn hears_of(&self, request: &HeaderMap) {
        until("a node hears of a revocation", || self.is_revoked(request)).await;
    }
}

fn client(redis: &RedisServer) -> redis::Client {
    redis::Client::open(redis.url()).unwrap()
}

/// Asks until it is so, and fails after 30 seconds.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited 30 seconds in vain: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn operator(redis: &RedisServer) -> redis::aio::MultiplexedConnection {
    client(redis).get_multiplexed_async_connection().await.unwrap()
}

#[test]
fn what_one_node_revokes_the_others_refuse_and_those_that_start_later() {
    let redis = RedisServer::start();
    block_on(async {
        let (a, b) = (Node::start(&redis).await, Node::start(&redis).await);
        let [person, session, family, other] = [7, 8, 9, 10].map(|user| a.log_in(user));
        assert_eq!(a.revoke(7).await, Reach::Published);
        let loaded = testing::load(&a.sessions, &session);
        assert_eq!(b.channel.revoke(&loaded).await, Ok(Reach::Published));
        let name = testing::load(&a.sessions, &family).about().family().unwrap();
        assert_eq!(b.channel.revoke_family(name).await, Ok(Reach::Published));
        let late = Node::start(&redis).await;
        for request in [&person, &session, &family] {
            assert!(late.is_revoked(request), "it has read all before it serves");
            for node in [&a, &b] {
                node.hears_of(request).await;
            }
        }
        assert!([&a, &b, &late].iter().all(|node| !node.is_revoked(&other)));
        let length: usize = operator(&redis).await.xlen(KEY).await.unwrap();
        assert_eq!(length, 3, "nobody writes again what is there");
        assert!(a.channel.status().is_connected && a.channel.status().last_heard.is_some());
    });
}

#[test]
fn what_is_revoked_while_redis_is_away_arrives_afterwards_and_no_request_waits() {
    let mut redis = RedisServer::start();
    block_on(async {
        let (a, b) = (Node::start(&redis).await, Node::start(&redis).await);
        let (requests, kept) = ([7, 8, 9].map(|user| a.log_in(user)), a.log_in(10));
        redis.stop();
        for (user, request) in (7..).zip(&requests) {
            assert_eq!(a.revoke(user).await, Reach::Applied);
            assert!(a.is_revoked(request) && !b.is_revoked(request) && !b.is_revoked(&kept));
        }
        until("the loss is seen", || !b.channel.status().is_connected).await;
        let error = b.channel.status().error.unwrap();
        assert!(!error.is_empty() && b.channel.status().last_heard.is_some(), "{error}");
        redis.start_again();
        for request in &requests {
            b.hears_of(request).await;
        }
        assert!(!b.is_revoked(&kept));
        until("both are back", || a.channel.status().is_connected && b.channel.status().error.is_none())
            .await;
        assert_eq!(a.revoke(10).await, Reach::Published);
    });
}

#[test]
fn a_node_that_starts_while_redis_is_away_serves_unless_it_may_not() {
    let mut redis = RedisServer::start();
    block_on(async {
        let a = Node::start(&redis).await;
        let request = a.log_in(7);
        assert_eq!(a.revoke(7).await, Reach::Published);
        redis.stop();
        let b = Node::start(&redis).await;
        let status = b.channel.status();
        assert!(!status.is_connected && status.last_heard.is_none() && status.error.is_some());
        assert!(!b.is_revoked(&request) && !b.revocations.status().is_silent, "it serves by what it knows");
        b.revocations.fail_closed_after(Duration::from_secs(60));
        assert!(b.revocations.status().is_silent, "the layers answer 503");
        redis.start_again();
        b.hears_of(&request).await;
        assert!(!b.revocations.status().is_silent);
    });
}

#[test]
fn what_redis_loses_is_written_back() {
    let mut redis = RedisServer::start();
    block_on(async {
        let a = Node::start(&redis).await;
        let (one, two) = (a.log_in(7), a.log_in(8));
        assert_eq!(a.revoke(7).await, Reach::Published);
        assert_eq!(a.revoke(8).await, Reach::Published);
        // Truncated, in one connection.
        let mut operator = operator(&redis).await;
        redis::cmd("FLUSHALL").exec_async(&mut operator).await.unwrap();
        until("it is seen", || a.revocations.status().channel.is_some_and(|channel| channel.lost == 2)).await;
        let b = Node::start(&redis).await;
        b.hears_of(&one).await;
        b.hears_of(&two).await;
        drop(b);
        // A machine without data takes over.
        redis.stop();
        redis.forget();
        redis.start_again();
        until("it is back", || a.channel.status().is_connected).await;
        let b = Node::start(&redis).await;
        b.hears_of(&one).await;
        b.hears_of(&two).await;
    });
}

#[test]
fn whoever_writes_to_redis_without_a_key_adds_and_alters_nothing() {
    let redis = RedisServer::start();
    block_on(async {
        let a = Node::start(&redis).await;
        let stranger = Node::with(KeyRing::new(testing::key(9)), client(&redis)).await;
        let (request, other) = (a.log_in(7), a.log_in(8));
        assert_eq!(stranger.revoke(7).await, Reach::Published);
        let mut operator = operator(&redis).await;
        let long = "A".repeat(100_000);
        for (field, value) in
            [("line", "junk"), ("line", ""), ("x", "y"), ("line", "a\nb\n"), ("line", &*long)]
        {
            let _: String = operator.xadd(KEY, "*", &[(field, value)]).await.unwrap();
        }
        let bytes: &[u8] = b"\xff\xfe";
        let _: String = operator.xadd(KEY, "*", &[("line", bytes)]).await.unwrap();
        assert_eq!(a.revoke(8).await, Reach::Published);
        let b = Node::start(&redis).await;
        for node in [&a, &b] {
            assert!(node.is_revoked(&other) && !node.is_revoked(&request));
        }
        // The same entries again, in another order.
        let lines: redis::streams::StreamRangeReply = operator.xrange_all(KEY).await.unwrap();
        for entry in lines.ids.iter().rev() {
            let line = entry.get::<Vec<u8>>("line").unwrap_or_default();
            let _: String = operator.xadd(KEY, "*", &[("line", line)]).await.unwrap();
        }
        let c = Node::start(&redis).await;
        assert!(c.is_revoked(&other) && !c.is_revoked(&request));
        assert_eq!(c.revocations.status().subjects, 1);
    });
}

#[test]
fn a_key_of_another_type_stops_the_channel_and_no_request() {
    let redis = RedisServer::start();
    block_on(async {
        let mut operator = operator(&redis).await;
        let _: usize = operator.lpush(KEY, 1).await.unwrap();
        let a = Node::start(&redis).await;
        let request = a.log_in(7);
        let status = a.channel.status();
        assert!(!status.is_connected && status.error.unwrap().contains("WRONGTYPE"));
        assert_eq!(a.revoke(7).await, Reach::Applied);
        assert!(a.is_revoked(&request));
        let _: usize = operator.del(KEY).await.unwrap();
        let b = Node::start(&redis).await;
        b.hears_of(&request).await;
    });
}

#[test]
fn a_password_and_tls() {
    let password = "correct-horse";
    let (redis, certificate) = RedisServer::with_tls(password);
    block_on(async {
        let client = |password: &str| {
            let certificates =
                redis::TlsCertificates { client_tls: None, root_cert: Some(certificate.clone().into()) };
            let url = format!("rediss://:{password}@localhost:{}", redis.port());
            redis::Client::build_with_tls(url, certificates).unwrap()
        };
        let a = Node::with(testing::key_ring(), client(password)).await;
        assert_eq!(a.channel.status().error, None);
        let request = a.log_in(7);
        assert_eq!(a.revoke(7).await, Reach::Published);
        assert!(Node::with(testing::key_ring(), client(password)).await.is_revoked(&request));

        let refused = Node::with(testing::key_ring(), client("battery-staple")).await;
        let shown = format!("{:?} {:?}", refused.channel, refused.channel.status());
        assert!(!refused.channel.status().is_connected && !shown.contains("battery"), "{shown}");
        let shown = format!("{:?}", RedisRevocations::builder(client(password)));
        assert!(!shown.contains("horse"), "{shown}");
    });
}

#[test]
fn entries_that_are_older_than_any_session_are_trimmed() {
    let redis = RedisServer::start();
    block_on(async {
        let mut operator = operator(&redis).await;
        for at in 1..=300 {
            let _: String = operator.xadd(KEY, format!("{at}-1"), &[("line", "old")]).await.unwrap();
        }
        let a = Node::start(&redis).await;
        assert_eq!(a.revoke(7).await, Reach::Published);
        let length: usize = operator.xlen(KEY).await.unwrap();
        assert!(length <= 101, "{length}: Redis trims whole nodes of a hundred entries");
    });
}

#[test]
fn the_task_ends_with_the_last_clone_and_needs_sessions() {
    let redis = RedisServer::start();
    block_on(async {
        let nothing = RedisRevocations::start(client(&redis), &Revocations::new()).await;
        assert_eq!(nothing.unwrap_err().as_str(), "no_sessions");
        let Node { revocations, channel, sessions } = Node::start(&redis).await;
        let clone = channel.clone();
        drop(channel);
        let family = FamilyId::from_bytes([7; 8]);
        assert_eq!(clone.revoke_family(family).await, Ok(Reach::Published));
        drop(clone);
        revocations.revoke_subject("8").unwrap();
        let mut operator = operator(&redis).await;
        let clients = async |operator: &mut redis::aio::MultiplexedConnection| -> usize {
            let list: String = redis::cmd("CLIENT").arg("LIST").query_async(operator).await.unwrap();
            list.lines().count()
        };
        let deadline = Instant::now() + Duration::from_secs(30);
        while clients(&mut operator).await > 1 {
            assert!(Instant::now() < deadline, "its connections are still there");
            sleep(Duration::from_millis(5)).await;
        }
        let length: usize = operator.xlen(KEY).await.unwrap();
        assert_eq!((length, revocations.changes(&mut Mark::default()).unwrap().len()), (1, 2));
        drop(sessions);
    });
}
