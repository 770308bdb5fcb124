sign-in-title = Sign in to the desk
sign-in-who = For the staff of the help desk and of the offices.
sign-in-login = E-mail address
sign-in-password = Password
sign-in-submit = Sign in
sign-in-lock-note = After { $failures } wrong attempts the account is locked for { $minutes } minutes.

role-agent = Agent
role-supervisor = Supervisor
role-referent = Referent
role-admin = Administrator
role-integration = Integration

language-it = Italiano
language-en = English

profile-title = My profile
profile-language = Language
profile-language-legend = Language of the pages
profile-language-submit = Save the language
profile-language-kept = Language saved
profile-password = Password
profile-password-current = Current password
profile-password-new = New password
profile-password-hint = At least 10 characters. A long phrase is easy to remember and hard to guess.
profile-password-submit = Change the password
profile-password-changed = Password changed. You will have to sign in again on your other devices.
profile-sessions = Devices
profile-sessions-text = If you left another computer signed in, you can sign out of all devices, this one included.

problem-sign-in-refused = Address or password not right
problem-too-many-attempts = Too many attempts from this network. Wait a few minutes and try again.
problem-wrong-password = The current password is not right.
problem-password-too-short = The new password needs at least 10 characters.
problem-password-too-long = The new password is too long.
problem-password-trivial = The new password cannot be one character repeated.
