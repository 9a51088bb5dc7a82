import Callbacks

/// Any text is a catalogue or has problems, each of which has something to say.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCatalogue(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    do throws(CatalogueError) {
        _ = try Catalogue().adding(text, from: "catalogue.yaml")
    } catch {
        precondition(!error.problems.isEmpty, "A catalogue was refused without a reason.")
        precondition(error.problems.allSatisfy { !"\($0)".isEmpty }, "A problem says nothing.")
    }
    return 0
}
