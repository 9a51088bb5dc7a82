import Foundation

/// How modules in shadow compare with the chains that they are not in, as the admin surface shows it.
public struct ShadowComparison: Sendable, Hashable, Codable {
    /// One module and callback.
    public struct Tally: Sendable, Hashable, Codable {
        public var module: String
        public var callback: String
        public var agreed: Int
        public var wouldDecide: Int
        public var abstained: Int
        public var differed: Int
        public var failed: Int
        public var unasked: Int
        public var uncompared: Int

        enum CodingKeys: String, CodingKey {
            case module
            case callback
            case agreed
            case wouldDecide = "would_decide"
            case abstained
            case differed
            case failed
            case unasked
            case uncompared
        }
    }

    /// A call on which a module and the chain did not agree.
    public struct Difference: Sendable, Hashable, Codable {
        public var module: String
        public var callback: String
        public var requestID: String
        public var chain: String
        public var shadow: String
        public var ageMS: Int

        enum CodingKeys: String, CodingKey {
            case module
            case callback
            case requestID = "request_id"
            case chain
            case shadow
            case ageMS = "age_ms"
        }
    }

    public var shadows: [Tally]
    /// The newest first.
    public var differences: [Difference]

    /// The part that is about one module.
    public func only(_ module: String) -> Self {
        Self(
            shadows: self.shadows.filter { $0.module == module },
            differences: self.differences.filter { $0.module == module }
        )
    }

    /// The counters, and below them the newest calls on which there was no agreement, for people.
    public var text: String {
        guard !self.shadows.isEmpty else { return "no module in shadow has been asked" }
        return [self.tallyTable, self.differenceTable].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private var tallyTable: String {
        var table = TextTable([
            "MODULE", "CALLBACK", "AGREED", "WOULD DECIDE", "ABSTAINED", "DIFFERED", "FAILED", "UNASKED", "UNCOMPARED",
        ])
        for tally in self.shadows {
            let counts = [
                tally.agreed, tally.wouldDecide, tally.abstained, tally.differed, tally.failed, tally.unasked,
                tally.uncompared,
            ]
            table.add([tally.module, tally.callback] + counts.map(String.init))
        }
        return table.text
    }

    private var differenceTable: String {
        guard !self.differences.isEmpty else { return "" }
        var table = TextTable(["REQUEST", "CALLBACK", "MODULE", "CHAIN", "SHADOW", "AGO"])
        for difference in self.differences {
            table.add([
                difference.requestID, difference.callback, difference.module, difference.chain, difference.shadow,
                Age.text(milliseconds: difference.ageMS),
            ])
        }
        return table.text
    }
}
