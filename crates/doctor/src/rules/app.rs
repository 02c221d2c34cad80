pub(super) mod simulator_build;
