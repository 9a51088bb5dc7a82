/// Writes a routing table of parts that have been written before: with thousands of routes each change of one module would else write them all.
public enum RoutingTableText {
    private static let noRoutes = Array("\"routes\":[]".utf8)

    /// One route as it stands in a table.
    public static func bytes(of route: RoutingTableMessage.Route) -> [UInt8] {
        Array(RoutingTableMessage.json(of: route).encoded().bytes)
    }

    /// The body of a table: what ``RoutingTableMessage/encoded()`` writes.
    ///
    /// - Parameters:
    ///   - head: The table without its routes.
    ///   - routeCount: How many routes it has.
    ///   - route: What ``bytes(of:)`` wrote for each route, in order.
    /// - Returns: The body.
    public static func body(
        _ head: RoutingTableMessage,
        routeCount: Int,
        _ route: (Int) -> [UInt8]
    ) -> Payload {
        var head = head
        head.routes = []
        let text = Array(head.encoded().bytes)
        guard routeCount > 0, let place = Self.place(of: Self.noRoutes, in: text) else { return Payload(text) }
        var whole: [UInt8] = []
        whole.reserveCapacity(text.count + routeCount * 128)
        let start = place + Self.noRoutes.count - 1
        whole += text[..<start]
        for index in 0..<routeCount {
            if index > 0 { whole.append(UInt8(ascii: ",")) }
            whole += route(index)
        }
        whole += text[start...]
        return Payload(whole)
    }

    /// Names of modules have no quotes in them, so that what is looked for is not found within one.
    private static func place(of part: [UInt8], in text: [UInt8]) -> Int? {
        guard text.count >= part.count else { return nil }
        return (0...(text.count - part.count)).last { text[$0...].starts(with: part) }
    }
}
