import WireProtocol

// MARK: Methods and background updates

/// Both are names below the module's own, like its paths below `/_modules/<id>`: they cannot conflict, and an update runs only where the operator's
/// configuration names the module.
extension ManifestCheck {
    func methods(_ claims: [MethodClaim]) -> [Remark] {
        Self.names(claims.map(\.name), in: "methods") { name in
            CatalogueReader.isName(name) ? nil : "a method's name has 1 to 64 of a-z 0-9 _"
        }
    }

    func backgroundUpdates(_ claims: [BackgroundUpdateClaim]) -> [Remark] {
        Self.names(claims.map(\.name), in: "background_updates") { name in
            Self.isUpdateName(name) ? nil : "an update's name has 1 to 128 of A-Z a-z 0-9 _ . -"
        }
    }

    private static func isUpdateName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { letter in
                switch letter {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func names(_ names: [String], in list: String, flaw: (String) -> String?) -> [Remark] {
        var reasons: [Remark] = []
        var seen: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            let item = "\(list)[\(index)].name"
            if let flaw = flaw(name) {
                reasons.append(Remark(code: "invalid_name", item: item, message: "'\(name.prefix(140))': \(flaw)"))
            }
            if let first = seen.updateValue(index, forKey: name) {
                reasons.append(
                    Remark(code: "duplicate", item: item, message: "\(name.prefix(140)) is \(list)[\(first)] already")
                )
            }
        }
        return reasons
    }
}
