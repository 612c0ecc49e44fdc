"""What only the operator meets, at a terminal: the start, its commands, backups. Of the tree in `errors`."""

from app.core.errors import BytchatError, ConfigurationError, Conflict, InvalidInput, Unavailable


class AlreadyRunning(ConfigurationError):
    code = "already_running"
    es = "Ya hay un Bytchat en marcha con la carpeta {home}. Párala con Ctrl-C, o elige otra con BYTCHAT_HOME."
    en = "A Bytchat already runs on the folder {home}. Stop it with Ctrl-C, or set BYTCHAT_HOME to another."


class PortTaken(ConfigurationError):
    code = "port_taken"
    es = "El puerto {port} está ocupado. Cierra el otro programa, o elige otro puerto con {variable}."
    en = "Port {port} is taken. Close the other program, or set {variable} to another port."


class FolderUnreachable(ConfigurationError):
    code = "folder_unreachable"
    es = "El usuario {user}, con el que corre PostgreSQL, no puede entrar en {folder}. Pon otra en BYTCHAT_HOME."
    en = "The user {user}, as which PostgreSQL runs, cannot enter {folder}. Set BYTCHAT_HOME to another folder."


class ServiceNotReady(Unavailable):
    code = "service_not_ready"
    es = "{service} no ha arrancado en {waited_s} segundos. {said}"
    en = "{service} was not ready after {waited_s} seconds. {said}"


class NothingRuns(Unavailable):
    code = "nothing_runs"
    es = "No hay ningún servicio en marcha en {home}. Arranca con `make up`, o define DATABASE_URL y REDIS_URL."
    en = "Nothing runs in {home}. Start with `make up`, or set DATABASE_URL and REDIS_URL."


class PasswordLengthWrong(InvalidInput):
    code = "password_length"
    es = "La contraseña debe tener entre 8 y 1024 caracteres."
    en = "The password must have 8 to 1024 characters."


class BackupProgramsMissing(ConfigurationError):
    code = "backup_programs_missing"
    es = "No hay pg_dump y pg_restore {needed} o más nuevos (hay: {found}). Instala postgresql-client-{needed}."
    en = (
        "There is no pg_dump and pg_restore {needed} or newer (found: {found}). Install postgresql-client-{needed}."
    )


class BackupFileExists(Conflict):
    code = "backup_file_exists"
    es = "{file} ya existe, y ninguna copia se escribe encima de otra. Elige otro nombre."
    en = "{file} exists, and no backup is written over another. Choose another name."


class BackupFailed(BytchatError):
    code = "backup_failed"
    es = "La copia no se ha hecho: {reason}. No ha quedado ningún archivo, o uno que «restore» no acepta."
    en = "No backup was made: {reason}. It left no file, or one that “restore” does not accept."


class BackupUnreadable(InvalidInput):
    code = "backup_unreadable"
    es = "Eso no es una copia entera hecha con «bytchat backup»: {reason_es}. No se ha cambiado nada."
    en = "That is no whole backup made by “bytchat backup”: {reason_en}. Nothing was changed."


class BackupTooNew(Conflict):
    code = "backup_too_new"
    es = "La copia es de la revisión {revision}, que este código no conoce. Restáurala con el Bytchat que la hizo."
    en = (
        "The backup is of revision {revision}, which this code does not know. Restore it with the Bytchat it is of."
    )


class DatabaseNotEmpty(Conflict):
    code = "database_not_empty"
    es = "La base de datos no está vacía ({what_es}). Para perder lo que hay y poner la copia, añade --replace."
    en = "The database is not empty ({what_en}). To lose what is there and have the backup, add --replace."


class DatabaseInUse(Conflict):
    code = "database_in_use"
    es = (
        "Hay {count} conexiones más a la base de datos ({who}). Para primero lo que la usa: "
        "`docker compose stop web worker beat`, o Ctrl-C donde corre `make up`."
    )
    en = (
        "There are {count} other connections to the database ({who}). Stop first what uses it: "
        "`docker compose stop web worker beat`, or Ctrl-C where `make up` runs."
    )


class RestoreFailed(BytchatError):
    code = "restore_failed"
    es = "La copia no se ha restaurado: {reason}. La base de datos está como estaba."
    en = "The backup was not restored: {reason}. The database is as it was."
