import Testing

/// The platform as processes.
///
/// One test at a time: each starts a platform of its own and times what the processes of that platform do.
@Suite(.serialized)
enum IntegrationTests {}
