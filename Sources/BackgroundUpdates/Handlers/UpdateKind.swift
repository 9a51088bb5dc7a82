/// How an update does its work.
package enum UpdateKind: String, CaseIterable, Sendable {
    /// A declared statement over ranges of keys.
    case sql
    /// A module maps rows to changes.
    case rows
    /// An index is made, in one go.
    case index

    /// Whether it happens in one go and may take long.
    package var isOneShot: Bool { self == .index }
}
