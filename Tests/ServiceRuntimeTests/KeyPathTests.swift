import Testing

@testable import ServiceRuntime

struct KeyPathTests {
    @Test func keysThatWouldNotReadBackAreQuoted() {
        #expect(KeyPath.key("url", in: "modules[2].config") == "modules[2].config.url")
        #expect(KeyPath.key("a.b", in: "config") == #"config["a.b"]"#)
        #expect(KeyPath.key("", in: "config") == #"config[""]"#)
        #expect(KeyPath.key(#"say "x""#, in: "") == #"["say \"x\""]"#)
    }

    @Test(
        arguments: [
            ("a.b[2]", "a.b"), ("a.b", "a"), (#"a["x.y"]"#, "a"), (#"a["x"]["y.z"]"#, #"a["x"]"#), ("a", nil),
            ("", nil),
        ] as [(String, String?)]
    )
    func aPathHasAParent(_ path: String, _ parent: String?) {
        #expect(KeyPath.parent(of: path).map(String.init) == parent)
    }
}
