//! The session of the test vectors.

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Visitor {
    pub(crate) user: Option<u64>,
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
}
