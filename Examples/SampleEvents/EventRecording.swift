import Foundation
import WireProtocol

/// One event of a recording.
struct RecordedEvent {
    let id: String
    let room: String
    let type: String
    let sender: String
    /// Milliseconds since 1970.
    let time: Int64
    /// A JSON object.
    let content: String
}

/// The events that the calls of a recording are about.
enum EventRecording {
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// The events in the order of their first call, each once.
    ///
    /// - Throws: ``Unreadable`` with the line that is no call.
    static func events(in file: String) throws -> [RecordedEvent] {
        guard let text = try? String(contentsOf: URL(filePath: file), encoding: .utf8) else {
            throw Unreadable(description: "\(file) cannot be read")
        }
        var seen = Set<String>()
        return try text.split(separator: "\n").enumerated().compactMap { index, line in
            guard let call = try? JSONValue(parsing: String(line)) else {
                throw Unreadable(description: "\(file):\(index + 1): is not JSON")
            }
            guard let event = RecordedEvent(call["args"]?["event"]), seen.insert(event.id).inserted else { return nil }
            return event
        }
    }
}

extension RecordedEvent {
    /// - Returns: nil for what is no event: many calls are about something else.
    init?(_ json: JSONValue?) {
        guard let json, let id = json["event_id"]?.string, let room = json["room_id"]?.string,
            let type = json["type"]?.string, let sender = json["sender"]?.string, let content = json["content"]
        else { return nil }
        self.id = id
        self.room = room
        self.type = type
        self.sender = sender
        self.time = json["origin_server_ts"]?.integer ?? 0
        self.content = content.encoded().text
    }
}
