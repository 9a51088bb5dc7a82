/// How long ago something was, in a word or two.
enum Age {
    static func text(milliseconds: Int) -> String {
        let seconds = milliseconds / 1000
        return seconds < 120 ? "\(seconds) s" : seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
    }
}
