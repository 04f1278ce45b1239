//! Firefox, over real TLS.

clients::scenarios!(Firefox);
clients::scenarios_of_partitions!(Firefox);
