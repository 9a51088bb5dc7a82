internal import WireProtocol

/// An update as the operator declares it: a name and what it does.
///
/// One of three forms, by the key that it has:
///
/// - `sql`: `table`, `key` (columns), `statement` (with `{range}`), `where`.
/// - `rows`: `table`, `key`, `columns`, `module`, `writes` (tables; default: the table itself), `where`.
/// - `index`: `name`, `table`, `columns`, `unique` (default false), `where`, `replaces`.
public struct UpdateDeclaration: Hashable, Sendable {
    public let name: String
    let work: Work

    enum Work: Hashable, Sendable {
        case sql(SQLHandler)
        case rows(RowsDeclaration)
        case index(IndexHandler)
    }
}

extension UpdateDeclaration {
    /// The module that maps its rows; nil for an update that needs none.
    public var module: String? {
        guard case .rows(let rows) = self.work else { return nil }
        return rows.module
    }
}

/// What a module does with rows.
struct RowsDeclaration: Hashable, Sendable {
    var keyset: Keyset
    var columns: [String]
    var module: String
    var writable: Set<String>
}

extension UpdateDeclaration {
    /// Longer names do not fit into a target of the bus.
    private static let nameBytesMax = 512

    /// - Throws: ``BackgroundUpdatesError/Code/invalidDeclaration`` that names the key which does not fit.
    init(name: String, json: JSONValue) throws(BackgroundUpdatesError) {
        guard !name.isEmpty, name.utf8.count <= Self.nameBytesMax else {
            throw BackgroundUpdatesError(.invalidDeclaration, "a name has 1 to \(Self.nameBytesMax) bytes")
        }
        self.name = name
        do throws(JSONError) {
            self.work = try Self.work(try Declaration(json, known: ["sql", "rows", "index"]))
        } catch {
            throw BackgroundUpdatesError(.invalidDeclaration, error.message)
        }
    }

    private static func work(_ declaration: Declaration) throws(JSONError) -> Work {
        guard declaration.keys.count == 1, let form = declaration.keys.first else {
            throw JSONError("expected exactly one of `sql`, `rows` and `index`")
        }
        let json = declaration.reader.value(form)
        switch form {
        case "sql": return .sql(try SQLHandler(json))
        case "rows": return .rows(try RowsDeclaration(json))
        default: return .index(try IndexHandler(json))
        }
    }

    func handler(_ mapper: any RowMapper) -> any UpdateHandler {
        switch self.work {
        case .sql(let handler): handler
        case .index(let handler): handler
        case .rows(let rows):
            RowsHandler(
                keyset: rows.keyset,
                columns: rows.columns,
                module: rows.module,
                writable: rows.writable,
                mapper: mapper
            )
        }
    }
}

extension SQLHandler {
    fileprivate init(_ json: JSONValue) throws(JSONError) {
        let declaration = try Declaration(json, path: "sql", known: ["table", "key", "statement", "where"])
        self.keyset = try Keyset(declaration)
        let text = try declaration.reader.string("statement")
        do throws(BackgroundUpdatesError) {
            self.statement = try RangeStatement(text)
        } catch {
            throw JSONError("sql.statement: \(error.message)")
        }
    }
}

extension RowsDeclaration {
    fileprivate init(_ json: JSONValue) throws(JSONError) {
        let known: Set = ["table", "key", "columns", "module", "writes", "where"]
        let declaration = try Declaration(json, path: "rows", known: known)
        self.keyset = try Keyset(declaration)
        self.columns = try declaration.reader.strings("columns")
        self.module = try declaration.reader.string("module")
        let writes = try declaration.reader.strings("writes")
        self.writable = Set(writes.isEmpty ? [self.keyset.table] : writes)
        for table in self.writable where table == "background_updates" || table.hasPrefix("ganglion_update_") {
            throw JSONError("rows.writes: `\(table)` belongs to the worker")
        }
    }
}

extension IndexHandler {
    fileprivate init(_ json: JSONValue) throws(JSONError) {
        let known: Set = ["name", "table", "columns", "unique", "where", "replaces"]
        let declaration = try Declaration(json, path: "index", known: known)
        self.init(
            name: try declaration.reader.string("name"),
            table: try declaration.reader.string("table"),
            columns: try declaration.list("columns"),
            isUnique: try declaration.reader.bool("unique", default: false),
            condition: try declaration.reader.optionalString("where"),
            replaced: try declaration.reader.optionalString("replaces")
        )
    }
}

extension Keyset {
    fileprivate init(_ declaration: Declaration) throws(JSONError) {
        self.init(
            table: try declaration.reader.string("table"),
            columns: try declaration.list("key"),
            condition: try declaration.reader.optionalString("where")
        )
    }
}

/// A part of a declaration, none of whose keys is unknown.
private struct Declaration {
    let reader: JSONReader
    let keys: [String]
    private let path: String

    init(_ json: JSONValue, path: String = "", known: Set<String>) throws(JSONError) {
        self.reader = try JSONReader(json, path: path)
        self.keys = json.object?.keys ?? []
        self.path = path
        for key in self.keys where !known.contains(key) {
            throw JSONError("unknown key `\(key)`; known here: \(known.sorted().joined(separator: ", "))")
        }
    }

    /// A list with something in it.
    func list(_ key: String) throws(JSONError) -> [String] {
        let list = try self.reader.strings(key)
        guard !list.isEmpty else { throw JSONError("\(self.path).\(key): expected at least one column") }
        return list
    }
}
