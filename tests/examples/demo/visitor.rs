//! The demo in a process, and what its visitor does: fills in forms, presses buttons, reads the log.

use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) use crate::browser::{Answer, Browser};
pub(crate) use crate::process::{Folder, Server as Demo, example, line_of_failure};

impl Demo {
    pub(crate) fn start(folder: &Folder) -> Self {
        Self::run(demo_in(folder))
    }
}

pub(crate) fn demo_in(folder: &Folder) -> Command {
    let mut command = example("login");
    command.current_dir(&folder.0).env("PORT", "0");
    command.env_remove("SESSION_KEYS").env_remove("SESSION_KEYS_FILE");
    command
}

impl Folder {
    /// The keys in the demo's file, in their order.
    pub(crate) fn keys(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.join("login.keys")).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(Into::into).collect()
    }

    /// Writes the demo's file, for its owner alone.
    pub(crate) fn write_keys(&self, text: &str) {
        write_private(&self.0.join("login.keys"), text);
    }
}

/// In one step, and for its owner alone.
pub(crate) fn write_private(path: &Path, text: &str) {
    let aside = path.with_extension("aside");
    fs::write(&aside, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&aside, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    fs::rename(&aside, path).unwrap();
}

impl Browser {
    /// Loads the page that holds a form, and sends the form with the token that stood in it.
    #[track_caller]
    pub(crate) fn fill_in(&mut self, demo: &Demo, page: &str, action: &str, fields: &str) -> Answer {
        let token = self.get(demo, page).token();
        self.post(demo, action, &format!("csrf={token}&{fields}"))
    }

    /// Presses a button of the page about the cookie.
    #[track_caller]
    pub(crate) fn press(&mut self, demo: &Demo, action: &str, fields: &str) {
        self.fill_in(demo, "/session", action, fields).redirects_to(match action {
            "/rotate" => "/session#keys",
            _ => "/session",
        });
    }

    #[track_caller]
    pub(crate) fn log_in(&mut self, demo: &Demo) {
        let before = self.session().cloned();
        self.fill_in(demo, "/login", "/login", LOGIN).redirects_to("/admin/");
        assert!(self.session().is_some() && self.session() != before.as_ref());
    }

    #[track_caller]
    pub(crate) fn is_in(&mut self, demo: &Demo) -> bool {
        let admin = self.get(demo, "/admin/");
        assert!(matches!(admin.status, 200 | 303), "{}", admin.status);
        admin.status == 200
    }

    pub(crate) fn session(&self) -> Option<&String> {
        self.jar.get("login-demo")
    }
}

impl Answer {
    /// What the forms of this page are to be sent with.
    #[track_caller]
    pub(crate) fn token(&self) -> String {
        let (_, rest) = self.body.split_once(r#"name="csrf" value=""#).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// The lines of the log below the page, the newest first: request, status, cookie, saved, Set-Cookie.
    pub(crate) fn log(&self) -> Vec<[String; 5]> {
        let rows = self.body.split_once(r#"<section class="log""#).unwrap().1.split("<tr><th scope=\"row\">");
        let text = |cell: &str| {
            let parts = cell.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
            parts.collect::<String>().trim().to_owned()
        };
        rows.skip(1)
            .map(|row| {
                let row = row.split("</tbody>").next().unwrap().replace("<td", "\u{0}<td");
                let cells: Vec<_> = row.split('\u{0}').map(text).collect();
                cells.try_into().unwrap()
            })
            .collect()
    }

    /// Refused, and nothing was done to any cookie.
    #[track_caller]
    pub(crate) fn is_refused(&self, why: &str) {
        assert_eq!((self.status, self.all("set-cookie").count()), (403, 0), "{why}");
    }
}

pub(crate) const LOGIN: &str = "next=%2Fadmin%2F&username=demo&password=sesame";
