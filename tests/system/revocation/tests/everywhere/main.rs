//! "Log me out everywhere" on three nodes with a real Redis; and without it, when nobody passes.

mod browser;

use std::time::Duration;

use axum::Router;
use browser::Browser;
use harness::redis_server::RedisServer;
use revocation::{Revocations, node};
use sealed_session::{Sessions, testing};

const BEGIN: u64 = 1_800_000_000;

/// Three nodes with the same keys, each with a connection of its own.
fn fleet(redis: &RedisServer) -> ([Router; 3], testing::Clock) {
    let clock = testing::Clock::at(BEGIN);
    let nodes = [(); 3].map(|()| {
        let sessions = Sessions::builder(testing::key_ring()).clock(clock.reader()).build().unwrap();
        node(sessions, &Revocations::at(&redis.url(), clock.reader()).unwrap())
    });
    (nodes, clock)
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn logged_in(node: &Router, user: u64) -> Browser {
    let mut browser = Browser::default();
    assert_eq!(browser.send(node, &format!("POST /login/{user}")).await.0, 200);
    browser
}

#[test]
fn a_logout_everywhere_holds_on_every_node_at_once() {
    let redis = RedisServer::start();
    block_on(async {
        let (nodes, clock) = fleet(&redis);
        let (mut laptop, mut phone) = (logged_in(&nodes[0], 7).await, logged_in(&nodes[1], 7).await);
        let mut other = logged_in(&nodes[2], 8).await;
        clock.advance(Duration::from_secs(60));
        for node in &nodes {
            assert_eq!(laptop.who(node).await, "user 7");
            assert_eq!(phone.who(node).await, "user 7");
            assert_eq!(other.who(node).await, "user 8");
        }
        let (stolen_laptop, stolen_phone) = (laptop.clone(), phone.clone());

        assert_eq!(laptop.send(&nodes[0], "POST /everywhere").await.0, 200);
        assert!(!laptop.has_session(), "by its own logout");
        for node in &nodes {
            for copy in [&stolen_laptop, &stolen_phone] {
                let mut thief = copy.clone();
                assert_eq!(thief.who(node).await, "nobody");
                assert!(thief.has_session(), "a read leaves the cookies");
                assert_eq!(
                    copy.clone().send(node, "POST /everywhere").await.0,
                    303,
                    "the guard sends it to the login"
                );
            }
            assert_eq!(other.who(node).await, "user 8", "another user's session stays");
        }
        assert_eq!(phone.who(&nodes[2]).await, "nobody");
        assert!(phone.has_session(), "a read leaves the cookies");

        // A second later they may come again, and what was over stays over.
        clock.advance(Duration::from_secs(1));
        assert_eq!(phone.send(&nodes[1], "POST /login/7").await.0, 200);
        for node in &nodes {
            assert_eq!(phone.who(node).await, "user 7");
            assert_eq!(stolen_phone.clone().who(node).await, "nobody");
        }
    });
}

#[test]
fn a_session_of_the_same_second_is_over_too() {
    let redis = RedisServer::start();
    block_on(async {
        let (nodes, _) = fleet(&redis);
        let (mut laptop, mut thief) = (logged_in(&nodes[0], 7).await, logged_in(&nodes[1], 7).await);
        assert_eq!(laptop.send(&nodes[0], "POST /everywhere").await.0, 200);
        for node in &nodes {
            assert_eq!(thief.clone().who(node).await, "nobody");
        }
        assert_eq!(thief.who(&nodes[2]).await, "nobody");
        assert!(thief.has_session(), "a read leaves the cookies");
    });
}

#[test]
fn a_plain_logout_ends_one_browser_alone() {
    let redis = RedisServer::start();
    block_on(async {
        let (nodes, _) = fleet(&redis);
        let (mut laptop, mut phone) = (logged_in(&nodes[0], 7).await, logged_in(&nodes[1], 7).await);
        assert_eq!(laptop.send(&nodes[1], "POST /logout").await.0, 200);
        assert_eq!(laptop.who(&nodes[0]).await, "nobody");
        assert_eq!(phone.who(&nodes[0]).await, "user 7");
    });
}

#[test]
fn without_redis_no_session_passes() {
    let mut redis = RedisServer::start();
    block_on(async {
        let (nodes, clock) = fleet(&redis);
        let (mut laptop, mut phone) = (logged_in(&nodes[0], 7).await, logged_in(&nodes[1], 7).await);
        let mut other = logged_in(&nodes[2], 8).await;
        assert_eq!(other.who(&nodes[0]).await, "user 8");
        clock.advance(Duration::from_secs(60));
        let stolen = laptop.clone();
        assert_eq!(laptop.send(&nodes[0], "POST /everywhere").await.0, 200);

        redis.stop();
        for node in &nodes {
            for browser in [&mut phone, &mut other, &mut stolen.clone()] {
                for request in ["GET /", "POST /everywhere", "POST /logout", "POST /login/7"] {
                    let (status, body) = browser.send(node, request).await;
                    assert_eq!((status, body.as_str()), (503, ""), "{request}");
                }
                assert!(browser.has_session(), "it may still be good");
            }
            // Who has no session is not asked about, and what needs none is not held up.
            assert_eq!(Browser::default().who(node).await, "nobody");
            assert_eq!(other.send(node, "GET /health").await, (200, "well".into()));
        }

        redis.start_again();
        for node in &nodes {
            // The request that finds the connection lost is the last one to be refused.
            if other.who(node).await == "503" {
                assert_eq!(other.who(node).await, "user 8");
            }
            assert_eq!(other.who(node).await, "user 8");
            assert_eq!(stolen.clone().who(node).await, "nobody", "the moment has been kept");
        }
        assert_eq!(phone.who(&nodes[0]).await, "nobody");
        assert!(phone.has_session(), "a read leaves the cookies");
    });
}

#[test]
fn a_redis_that_hangs_is_no_answer_either() {
    let redis = RedisServer::start();
    block_on(async {
        let (nodes, _) = fleet(&redis);
        let mut browser = logged_in(&nodes[0], 7).await;
        assert_eq!(browser.who(&nodes[0]).await, "user 7");
        let mut operator =
            redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
        let pause =
            redis::cmd("CLIENT").arg("PAUSE").arg(3_600_000).arg("ALL").exec_async(&mut operator).await;
        pause.unwrap();
        for node in &nodes {
            assert_eq!(browser.who(node).await, "503");
        }
    });
}

#[test]
fn an_answer_that_is_none_passes_nobody() {
    let redis = RedisServer::start();
    block_on(async {
        let (nodes, _) = fleet(&redis);
        let mut browser = logged_in(&nodes[0], 7).await;
        let mut operator =
            redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
        for nonsense in ["", "never", "-1", "18446744073709551616"] {
            redis::cmd("SET").arg("valid_from:7").arg(nonsense).exec_async(&mut operator).await.unwrap();
            assert_eq!(browser.who(&nodes[0]).await, "503", "{nonsense:?}");
        }
        redis::cmd("SET").arg("valid_from:7").arg(u64::MAX).exec_async(&mut operator).await.unwrap();
        assert_eq!(browser.clone().who(&nodes[0]).await, "nobody", "for ever");
        redis::cmd("DEL").arg("valid_from:7").exec_async(&mut operator).await.unwrap();
        redis::cmd("LPUSH").arg("valid_from:7").arg(1).exec_async(&mut operator).await.unwrap();
        assert_eq!(browser.who(&nodes[0]).await, "503", "a list");
    });
}
