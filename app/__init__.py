"""Where it is put together: settings, the web application, the simulator, the command."""
