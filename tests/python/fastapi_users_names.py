"""Prints the public classes and functions that the packages of FastAPI Users define, a name a line."""

import importlib
import inspect
import pkgutil

for package in ("fastapi_users", "fastapi_users_db_sqlalchemy"):
    root = importlib.import_module(package)
    modules = [package, *(found.name for found in pkgutil.walk_packages(root.__path__, package + "."))]
    for module in modules:
        try:
            names = vars(importlib.import_module(module))
        except ModuleNotFoundError:
            # It needs a package that is optional there, and is not installed here.
            continue
        for name, value in names.items():
            if (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__ == module and not name.startswith("_"):
                print(name)
