//! WebKitGTK, over real TLS. It knows no partitions.

clients::scenarios!(WebKit);
