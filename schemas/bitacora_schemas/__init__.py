"""The contract between chatbot runtimes and Bitácora. No I/O."""
