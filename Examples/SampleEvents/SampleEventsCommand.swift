import ArgumentParser
import Foundation

/// Puts the events of a recording into an SQLite database, so that there is something to index.
@main
struct SampleEventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample-events",
        abstract: "Imports the events of a recording of callback calls into an SQLite database.",
        discussion: """
            The tables are those of a Matrix homeserver, as far as they are needed. Events that are there already are passed \
            over; when there are new ones, the update that indexes them is queued, from the first new one on.
            """
    )

    @Argument(help: "The recording: a call a line, {\"category\", \"callback\", \"args\"}.")
    var recording: String

    @Argument(help: "The database's file; made with its folder when it is missing.")
    var database: String

    @Option(help: "The background update that indexes the events.")
    var update = "index_events"

    func run() throws {
        let events = try EventRecording.events(in: self.recording)
        let database = try EventDatabase(self.database)
        let count = try database.add(events, queueing: self.update)
        print("\(count) of \(events.count) events are new in \(self.database)")
    }
}
