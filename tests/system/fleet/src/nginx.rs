//! nginx in front of the nodes, in a folder of its own: round robin, and everything else as it comes.
//!
//! A node is restarted as operators do it without losing a request: it is taken out of the configuration, nginx is told
//! to read that, and the node ends when the last worker that knows it has gone. nginx does pass requests on from a node
//! that does not answer, but no POST that it has sent already, and rightly so.

use harness::nginx;
use harness::until::until;

pub struct Nginx {
    nginx: nginx::Nginx<1>,
    reloads: usize,
}

impl Nginx {
    pub fn start(nodes: &[String]) -> Self {
        let main = format!("worker_processes {WORKERS};");
        Self { nginx: nginx::Nginx::start(&main, |[port]| server(port, nodes)), reloads: 0 }
    }

    pub fn port(&self) -> u16 {
        self.nginx.ports[0]
    }

    /// From when this returns on, no request goes to any other node, and none is under way there.
    pub fn use_only(&mut self, nodes: &[String]) {
        self.nginx.reload(&server(self.port(), nodes));
        self.reloads += 1;
        until("the old workers of nginx end", || {
            let gone = self.nginx.errors().lines().filter(|line| line.contains("exited with code 0")).count();
            (gone == self.reloads * WORKERS).then_some(())
        });
    }

    /// A line a request: the status, the nodes that were asked, and the status that each of them gave.
    pub fn requests(&self) -> Vec<String> {
        self.nginx.read("access.log").lines().map(ToOwned::to_owned).collect()
    }
}

fn server(port: u16, nodes: &[String]) -> String {
    let nodes: String = nodes.iter().map(|node| format!("server {node};\n")).collect();
    format!(
        "log_format asked '$status $upstream_addr $upstream_status';
         access_log access.log asked;
         upstream fleet {{
             zone fleet 128k;
             {nodes}
             keepalive 16;
         }}
         server {{
             listen 127.0.0.1:{port};
             location / {{
                 proxy_pass http://fleet;
                 proxy_http_version 1.1;
                 proxy_set_header Connection '';
                 proxy_set_header Host $http_host;
                 proxy_buffer_size 8k;
                 proxy_buffers 8 8k;
                 add_header X-Node $upstream_addr always;
             }}
         }}"
    )
}

const WORKERS: usize = 2;
