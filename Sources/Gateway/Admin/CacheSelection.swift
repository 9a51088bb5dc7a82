internal import HTTPTypes
internal import WireProtocol

/// What an operator wants to be invalidated.
struct CacheSelection {
    /// As the cache service knows them.
    let tags: [String]

    /// Reads one of `{"function"}`, `{"function","key"}`, `{"tags"}` and `{"all":true}`.
    ///
    /// - Throws: ``GatewayError`` for anything else.
    init(_ object: JSONObject) throws(GatewayError) {
        let known: Set = ["function", "key", "tags", "all"]
        if let key = object.keys.first(where: { !known.contains($0) }) {
            throw Self.refusal("has an unknown member `\(key)`")
        }
        let tags = try Self.tags(object)
        guard tags.count <= CacheLimits.tagCount, tags.allSatisfy(CacheLimits.isValid) else {
            throw Self.refusal(
                "names more than \(CacheLimits.tagCount) tags, or one of over \(CacheLimits.textSize) bytes"
            )
        }
        self.tags = tags
    }

    private static func tags(_ object: JSONObject) throws(GatewayError) -> [String] {
        if object["all"]?.bool == true, object.count == 1 { return [CacheText.everything] }
        if let list = object["tags"]?.array, object.count == 1 {
            let tags = list.compactMap(\.string)
            guard !tags.isEmpty, tags.count == list.count else {
                throw Self.refusal("needs `tags` to be a list of texts")
            }
            return tags.map(CacheText.userTag)
        }
        guard let function = object["function"]?.string, object["tags"] == nil, object["all"] == nil else {
            throw Self.refusal("needs one of `function` (with or without `key`), `tags` and `\"all\":true`")
        }
        guard let key = object["key"] else { return [CacheText.functionTag(function)] }
        return [CacheText.keyTag(function, try Self.text(of: key))]
    }

    /// How the SDK spells keys of one part.
    private static func text(of key: JSONValue) throws(GatewayError) -> String {
        if let text = key.string { return CacheText.escaped(text) }
        if let number = key.integer { return number.description }
        if let flag = key.bool { return flag.description }
        throw Self.refusal(
            "needs `key` to be a text, a whole number or a boolean; invalidate the whole function instead"
        )
    }

    private static func refusal(_ message: String) -> GatewayError {
        GatewayError(status: .badRequest, code: .badRequest, message: "The body \(message)")
    }
}
