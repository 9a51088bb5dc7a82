/// What a message is for: the second byte of every header.
public enum MessageKind: UInt8, CaseIterable, Sendable {
    case hello = 1
    case welcome = 2
    case register = 3
    case registered = 4
    case refused = 5
    case ready = 6
    case call = 16
    case reply = 17
    case chunk = 18
    case credit = 19
    case cancel = 20
    case pack = 21
    case ping = 32
    case pong = 33
    case whoAreYou = 34
    case drain = 48
    case bye = 49
    case table = 64
    case invalidate = 65
}
