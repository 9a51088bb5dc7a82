import Testing

@testable import Supervision

struct FolderLockTests {
    @Test func aLockHasOneHolder() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/lock"
        #expect(FolderLock.holder(of: path) == nil)
        do {
            guard let lock = try FolderLock(path) else {
                Issue.record("a free lock was refused")
                return
            }
            lock.sign("process 12")
            if try FolderLock(path) != nil { Issue.record("the lock was taken twice") }
            #expect(FolderLock.holder(of: path) == "process 12")
            lock.sign("p")
            #expect(FolderLock.holder(of: path) == "p")
        }
        #expect(FolderLock.holder(of: path) == nil)
    }
}
