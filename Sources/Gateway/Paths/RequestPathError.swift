/// Why a request's path is refused before any route is looked at.
enum RequestPathError: Error, Equatable {
    case tooLong
    case notAbsolute
    /// A `%` that two hexadecimal digits do not follow.
    case badEncoding
    /// A segment `.` or `..`, encoded or not: whoever stands before or behind the gateway may resolve it differently.
    case dotSegment
    case nul

    /// What is wrong, for the client.
    var message: String {
        switch self {
        case .tooLong: "The path is longer than \(RequestPath.sizeMax) bytes"
        case .notAbsolute: "The path does not begin with a slash"
        case .badEncoding: "The path has a '%' that two hexadecimal digits do not follow"
        case .dotSegment: "The path has a '.' or '..' segment; send the path it stands for"
        case .nul: "The path has a NUL"
        }
    }
}
