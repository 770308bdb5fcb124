# What `sportello demo` prints.
demo-loaded = The demo of { $town } is loaded.
demo-was-loaded = The demo of { $town } was there already: nothing was changed.
demo-invented = People, offices, numbers and tickets are invented; no message leaves.
demo-desk = Desk
demo-citizens = Citizens
demo-password = Password
demo-password-note = (the same for all, for the demo only)
demo-role = Role
demo-login = Login
demo-name = Name
