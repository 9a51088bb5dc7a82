/// What is known about the connection that a task serves.
enum ClientConnection {
    /// The client's address with its port.
    ///
    /// Bound once a connection, because writing it out for every request costs more than looking it up.
    @TaskLocal static var remote: String?
}
