import ServiceRuntime

/// Any text is a configuration or has problems, each of which has something to say.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    do throws(ConfigurationError) {
        _ = try PlatformConfiguration(yaml: text, file: "/srv/ganglion.yaml")
    } catch {
        precondition(!error.problems.isEmpty, "A configuration was refused without a reason.")
        precondition(error.problems.allSatisfy { !$0.description.isEmpty }, "A problem says nothing.")
    }
    return 0
}
