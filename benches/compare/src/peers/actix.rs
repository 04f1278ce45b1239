//! actix-session's cookie store: the same request through an application with its middleware and one without.

use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

use actix_session::config::PersistentSession;
use actix_session::storage::CookieSessionStore;
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::cookie::time::Duration;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpResponse, web};
use http::header;

use super::MAX_AGE;
use crate::data::Data;
use crate::subject::{Measure, NAME, Subject, Timed, at_once, prepared, request, value_length};

pub fn subject<T: Data>(data: &T) -> Subject {
    let pool: Rc<RefCell<Vec<T>>> = Rc::default();
    let (writing, dropping) = (Rc::clone(&pool), Rc::clone(&pool));
    let middleware = SessionMiddleware::builder(CookieSessionStore::default(), Key::from(&[7; 64]))
        .cookie_name(NAME.into())
        .session_lifecycle(PersistentSession::default().session_ttl(Duration::seconds(MAX_AGE)))
        .build();
    let write = move |session: Session| {
        let data = writing.borrow_mut().pop().expect("one for each call");
        async move {
            session.insert("data", data).expect("it serializes");
            HttpResponse::Ok().finish()
        }
    };
    let read = |session: Session| async move {
        black_box(session.get::<T>("data").expect("JSON").expect("it opens"));
        HttpResponse::Ok().finish()
    };
    let with =
        App::new().wrap(middleware).route("/read", web::get().to(read)).route("/write", web::get().to(write));
    let with = Rc::new(at_once(init_service(with)));
    let drop_one = move || {
        drop(dropping.borrow_mut().pop());
        async { HttpResponse::Ok().finish() }
    };
    let without = App::new()
        .route("/read", web::get().to(async || HttpResponse::Ok().finish()))
        .route("/write", web::get().to(drop_one));
    let without = Rc::new(at_once(init_service(without)));

    pool.borrow_mut().push(data.clone());
    let response = call(&*with, "/write", "theme=dark");
    let line = response.headers().get("set-cookie").expect("a Set-Cookie").to_str().expect("text");
    let cookie = line.split(';').next().unwrap_or_default().to_owned();
    let carried = request(&cookie)[header::COOKIE].to_str().expect("text").to_owned();
    let fresh = request("a=b")[header::COOKIE].to_str().expect("text").to_owned();
    assert!(call(&*with, "/read", &carried).status().is_success());

    let data = data.clone();
    let fill = Rc::new(move || pool.borrow_mut().push(data.clone()));
    macro_rules! measure {
        ($app:expr, $path:literal, $cookies:expr, $before:expr) => {{
            let (app, cookies, before) = (Rc::clone(&$app), $cookies.clone(), $before.clone());
            Box::new(move || prepared(|| before(), |()| drop(black_box(call(&*app, $path, &cookies)))))
                as Measure
        }};
    }
    let nothing = Rc::new(|| ());
    Subject {
        name: "actix-session, cookie store".into(),
        value: value_length(&cookie),
        load: Some(Timed {
            with: measure!(with, "/read", carried, nothing),
            without: Some(measure!(without, "/read", carried, nothing)),
        }),
        save: Some(Timed {
            with: measure!(with, "/write", fresh, fill),
            without: Some(measure!(without, "/write", fresh, fill)),
        }),
    }
}

fn call<B>(
    app: &impl Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    path: &str,
    cookies: &str,
) -> ServiceResponse<B> {
    let request = TestRequest::get().uri(path).insert_header(("cookie", cookies)).to_request();
    at_once(app.call(request)).expect("an answer")
}
