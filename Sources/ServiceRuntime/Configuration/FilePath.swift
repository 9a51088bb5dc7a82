/// Paths as text, without asking the file system.
public enum FilePath {
    /// The path itself when it is absolute, else the path below a folder; `.` and `..` are resolved as text.
    public static func absolute(_ path: String, in directory: String) -> String {
        let whole = path.hasPrefix("/") ? path : "\(directory)/\(path)"
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The folder of an absolute path.
    public static func folder(of path: String) -> String {
        Self.absolute("..", in: path)
    }
}
