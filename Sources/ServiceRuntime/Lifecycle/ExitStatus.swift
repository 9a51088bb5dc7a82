/// The exit statuses of the platform's executables, with the numbers of `sysexits.h` where it has one.
public enum ExitStatus {
    /// It did what it was asked to.
    public static let success: Int32 = 0
    /// It failed, and the last lines on stderr say why.
    public static let failure: Int32 = 1
    /// The command line was wrong.
    public static let usage: Int32 = 2
    /// `EX_UNAVAILABLE`: the platform cannot be reached.
    public static let unavailable: Int32 = 69
    /// `EX_CONFIG`: the configuration is wrong; starting again without a change is of no use.
    public static let configurationError: Int32 = 78
}
