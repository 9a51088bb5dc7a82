import Testing

@testable import ServiceRuntime

struct PlainScalarTests {
    @Test(
        arguments: [
            ("", .null), ("~", .null), ("NULL", .null), ("nUll", .text("nUll")),
            ("yes", .boolean(true)), ("Off", .boolean(false)), ("TRUE", .boolean(true)), ("tRue", .text("tRue")),
            ("0", .integer(0)), ("-7", .integer(-7)), ("+7", .integer(7)), ("1_000", .integer(1000)),
            ("0x1F", .integer(31)), ("0o17", .integer(15)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)),
            ("1.5", .number("1.5")), ("1e3", .number("1000.0")), (".5", .number("0.5")), ("-2.5E-1", .number("-0.25")),
            ("-", .text("-")), (".", .text(".")), ("e", .text("e")), ("1.2.3", .text("1.2.3")), ("--1", .text("--1")),
            ("12:30", .text("12:30")), ("2026-11-22", .text("2026-11-22")), ("0x", .text("0x")), ("inf", .text("inf")),
            ("٣", .text("٣")),
        ] as [(String, PlainScalar)]
    )
    func aScalarMeansWhatItSays(_ text: String, _ meaning: PlainScalar) {
        #expect(PlainScalar(text) == meaning)
    }

    @Test(arguments: ["0644", "9223372036854775808", ".inf", "-.INF", ".nan", "1e999"])
    func whatReadersDisagreeOnIsRefused(_ text: String) {
        guard case .refused = PlainScalar(text) else {
            Issue.record("\(text) was taken for \(PlainScalar(text))")
            return
        }
    }
}
