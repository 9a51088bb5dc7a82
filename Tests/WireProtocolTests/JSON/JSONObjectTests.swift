import Testing
import WireProtocol

struct JSONObjectTests {
    @Test func membersKeepTheOrderInWhichTheyCame() throws {
        let text = #"{"z":1,"a":2,"m":{"y":1,"b":2}}"#
        #expect(try JSONValue(parsing: text).encoded().text == text)
    }

    @Test func orderMakesNoDifferenceToEquality() throws {
        let left = try JSONValue(parsing: #"{"a":1,"b":2}"#)
        let right = try JSONValue(parsing: #"{"b":2,"a":1}"#)
        #expect(left == right)
        #expect(Set([left, right]).count == 1)
    }

    @Test func aRepeatedKeyKeepsItsFirstPlaceAndItsLastValue() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#).encoded().text == #"{"a":3,"b":2}"#)
    }

    @Test func keysThatLookAlikeButHaveOtherBytesAreOtherKeys() throws {
        let text = "{\"\u{E9}\":1,\"e\u{301}\":2}"
        let object = try #require(try JSONValue(parsing: text).object)
        #expect(object.count == 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        #expect(JSONValue.object(object).encoded().text.utf8.elementsEqual(text.utf8))
    }

    @Test func aRemovedKeyLosesItsPlace() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = nil
        object["c"] = nil
        object["a"] = 3
        #expect(object.keys == ["b", "a"])
        #expect(object.count == 2)
        #expect(!object.isEmpty)
    }

    @Test func nullIsAValue() {
        var object: JSONObject = ["a": .null]
        object["a"] = .some(.null)
        #expect(object.keys == ["a"])
        #expect(object["a"] == .null)
        #expect(object["b"] == nil)
    }
}
