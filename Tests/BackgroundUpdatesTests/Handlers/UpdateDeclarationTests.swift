import Testing
import WireProtocol

@testable import BackgroundUpdates

struct UpdateDeclarationTests {
    private static func problems(_ text: String) -> [String] {
        do throws(DeclarationProblems) {
            let json = (try? JSONValue(parsing: text)) ?? .null
            _ = try UpdateDatabase(name: "main", path: "/main.db", updates: json)
            return []
        } catch {
            return error.problems.map { "\($0.path): \($0.message)" }
        }
    }

    @Test func threeFormsAreRead() throws {
        let json = try JSONValue(
            parsing: """
                {"a":{"sql":{"table":"t","key":["x","y"],"statement":"DELETE FROM t WHERE {range}","where":"z = 1"}},
                 "b":{"rows":{"table":"t","key":["x"],"columns":["y"],"module":"search","writes":["s"]}},
                 "c":{"index":{"name":"i","table":"t","columns":["x"],"unique":true,"where":"x > 1","replaces":"j"}}}
                """
        )
        let updates = try UpdateDatabase(name: "main", path: "/main.db", updates: json).updates
        #expect(updates.map(\.name) == ["a", "b", "c"])
        let handlers = updates.map { $0.handler(WordMapper()) }
        #expect(handlers.map(\.kind) == [.sql, .rows, .index])
        #expect((handlers[1] as? RowsHandler)?.columns == ["x", "y"])
        #expect(
            (handlers[2] as? IndexHandler)?.sql
                == #"CREATE UNIQUE INDEX IF NOT EXISTS "i" ON "t" ("x") WHERE x > 1"#
        )
    }

    @Test(arguments: [
        ("[]", "expected updates by name, found a list"),
        (#"{"a":{}}"#, "a: expected exactly one of `sql`, `rows` and `index`"),
        (#"{"a":{"sql":{},"rows":{}}}"#, "a: expected exactly one of `sql`, `rows` and `index`"),
        (#"{"a":{"sqll":{}}}"#, "a: unknown key `sqll`; known here: index, rows, sql"),
        (#"{"a":{"sql":{"table":"t"}}}"#, "a: sql.key: expected at least one column"),
        (#"{"a":{"index":{"name":"i","table":"t","columns":[]}}}"#, "a: index.columns: expected at least one column"),
        (
            #"{"a":{"rows":{"table":"t","key":["x"],"module":"m","writes":["background_updates"]}}}"#,
            "a: rows.writes: `background_updates` belongs to the worker"
        ),
    ])
    func whatIsWrongIsNamed(text: String, message: String) {
        #expect(Self.problems(text).contains { $0.hasSuffix(message) }, "\(Self.problems(text))")
    }

    @Test func everyProblemIsReportedAtOnce() {
        #expect(
            Self.problems(#"{"a":{},"b":{"x":1},"c":{"sql":{"table":"t","key":["k"],"statement":"SELECT 1"}}}"#).count
                == 3
        )
    }
}
