import Foundation
import GRDB
import Testing
import WireProtocol

@testable import BackgroundUpdates

struct RowChangesTests {
    private static func read(_ text: String, rows: Int = 2) throws -> RowChanges {
        try RowChanges(json: JSONValue(parsing: text), rows: rows, writable: ["words"])
    }

    @Test func threeKindsOfChangesAndSkippedRowsAreRead() throws {
        let answer = try Self.read(
            """
            {"changes":[{"table":"words","key":{"note":1},"set":{"word":"a"}},{"table":"words","insert":{"note":2,"word":null}},
             {"table":"words","delete":{"word":{"base64":"AAE="}}}],"skipped":[{"row":1,"reason":"why"}]}
            """
        )
        let note = RowChange.Field(column: "note", value: 1.databaseValue)
        let word = RowChange.Field(column: "word", value: "a".databaseValue)
        #expect(answer.changes.first == RowChange(table: "words", action: .set([word], key: [note])))
        #expect(answer.changes.count == 3)
        #expect(answer.skipped == [1: "why"])
    }

    @Test(arguments: [
        #"[]"#, #"{"changes":[{"table":"notes","delete":{"id":1}}]}"#, #"{"changes":[{"table":"words"}]}"#,
        #"{"changes":[{"table":"words","delete":{}}]}"#, #"{"changes":[{"table":"words","set":{"a":1}}]}"#,
        #"{"changes":[{"table":"words","insert":{"a":[1]}}]}"#,
        #"{"changes":[{"table":"words","insert":{"a":{"b":1}}}]}"#,
        #"{"skipped":[{"row":2}]}"#, #"{"skipped":[{"row":-1}]}"#, #"{"changes":7}"#,
    ])
    func anAnswerThatDoesNotFitIsRefusedAsAWhole(text: String) throws {
        #expect(throws: BackgroundUpdatesError.self) { try Self.read(text) }
    }

    @Test func changesReachTheDatabase() throws {
        let database = try TestDatabase()
        try database.execute("INSERT INTO words VALUES (1, 'a'), (2, 'b')")
        let answer = try Self.read(
            """
            {"changes":[{"table":"words","key":{"note":1},"set":{"word":"x"}},{"table":"words","delete":{"note":2}},
             {"table":"words","insert":{"note":3,"word":"c"}}]}
            """
        )
        try database.queue.write { db in for change in answer.changes { try change.apply(db) } }
        #expect(try database.strings("SELECT note || word FROM words ORDER BY 1") == ["1x", "3c"])
    }

    @Test(arguments: [
        DatabaseValue.null, 7.databaseValue, Int64.min.databaseValue, Int64.max.databaseValue, 0.1.databaseValue,
        1e300.databaseValue, 3.0.databaseValue, "é'\"\u{0}".databaseValue, Double.infinity.databaseValue,
        Data([0, 255]).databaseValue,
    ])
    func everyValueOfADatabaseSurvivesJSON(value: DatabaseValue) throws {
        let json = try JSONValue(parsing: JSONValue(value).encoded())
        #expect(DatabaseValue(json: json) == value)
    }

    @Test func aQuestionNamesItsColumns() throws {
        let question = RowsQuestion(
            update: "u",
            database: "main",
            module: "search",
            columns: ["id", "body"],
            rows: [[1.databaseValue, "x".databaseValue]]
        )
        #expect(question.json == ["update": "u", "database": "main", "rows": [["id": 1, "body": "x"]]])
    }
}
