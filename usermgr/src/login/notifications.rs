//! The notifications about second factors at a login.

use crate::notification::row::notifications;

notifications! {
    /// The first factor was right, and the second one was wrong.
    second_factor_failed = "failed_second_factor": user on_after_failed_second_factor, mailed;
    /// A recovery code was used.
    recovery_code_used = "use_recovery_code": factor on_after_use_recovery_code, mailed;
}
